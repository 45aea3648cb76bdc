# Something-Something (Section 4.2; weight decay, clipping and groups as the authors' code).
_base_ = 'mmaction::_base_/schedules/sgd_tsm_50e.py'

train_cfg = dict(max_epochs=40)
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=40, by_epoch=True, milestones=[20, 30], gamma=0.1)
]
optim_wrapper = dict(
    # Biases at 2 x lr without decay, batch norms without decay, the classifier as the rest.
    paramwise_cfg=dict(fc_lr5=False),
    optimizer=dict(lr=0.01, nesterov=True, weight_decay=5e-4),
    clip_grad=dict(max_norm=200),
)

# 8 GPUs x 6 clips. With another batch size, train with --auto-scale-lr.
auto_scale_lr = dict(enable=False, base_batch_size=48)
