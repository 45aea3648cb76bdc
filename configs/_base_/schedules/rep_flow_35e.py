# HMDB-51, fine-tuned from Kinetics, as sgd_35e.py.
_base_ = './rep_flow_80e.py'

train_cfg = dict(max_epochs=35)
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=35, by_epoch=True, milestones=[15, 30], gamma=0.1)
]
optim_wrapper = dict(optimizer=dict(lr=0.001))
