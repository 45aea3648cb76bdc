# Table 1, TSM two-stream: the temporal stream on 16 stacks of 5 flows.
_base_ = [
    '../_base_/models/tsm_r18_flow.py',
    '../_base_/datasets/sthv2_flow.py',
    '../_base_/schedules/sgd_40e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(
        backbone=dict(
            depth=50,
            num_segments=16,
            in_channels=10,
            init_cfg=dict(checkpoint='motionsqueeze://torchvision/resnet50?in_channels=10'),
        )
    ),
    cls_head=dict(in_channels=2048, num_segments=16),
)
stacks = dict(clip_len=5, num_clips=16)
train_dataloader = _base_.train_dataloader
train_dataloader.dataset.pipeline[0].update(stacks)
val_dataloader = _base_.val_dataloader
val_dataloader.dataset.pipeline[0].update(stacks)
test_dataloader = _base_.test_dataloader
test_dataloader.dataset.pipeline[0].update(stacks)
