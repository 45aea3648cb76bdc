# A small MSNet that a laptop's CPU trains in minutes: `make demo`.
_base_ = [
    '../_base_/models/msnet_r18.py',
    '../_base_/datasets/motion.py',
    '../_base_/schedules/sgd_40e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(
        # No shift: the MS module alone sees more than one frame.
        backbone=dict(
            _delete_=True, type='FastResNetTSM', depth=18, num_segments=4, is_shift=False
        ),
        # A 64 x 64 frame is 16 x 16 positions there; after layer2 it is 8 x 8, too coarse.
        layers=dict(_delete_=True, layer1=dict(type='MotionSqueeze', in_channels=64)),
    ),
    cls_head=dict(num_segments=4, num_classes=8, dropout_ratio=0.0),
)

randomness = dict(seed=0)
train_cfg = dict(max_epochs=6)
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=6, by_epoch=True, milestones=[4, 5], gamma=0.1)
]
optim_wrapper = dict(optimizer=dict(lr=0.02), clip_grad=dict(max_norm=20))
auto_scale_lr = dict(base_batch_size=24)

default_hooks = dict(
    logger=dict(interval=5),
    checkpoint=dict(interval=1, max_keep_ckpts=1, save_best='acc/top1'),
)
# Two clips of the validation set, before training and after each epoch: vis_data/vis_image.
custom_hooks = [dict(type='MotionVisualizationHook', clips=(0, 1))]
