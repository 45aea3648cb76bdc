# Kinetics-400: the paper's schedule, the authors' code's weight decay and clipping.
_base_ = './sgd_40e.py'

train_cfg = dict(max_epochs=80, val_interval=5)
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=80, by_epoch=True, milestones=[40, 60], gamma=0.1)
]
optim_wrapper = dict(optimizer=dict(weight_decay=1e-4), clip_grad=dict(max_norm=20))
