# HMDB-51, fine-tuned from Kinetics: the paper's schedule; decay and clipping as for Kinetics.
_base_ = './sgd_80e.py'

train_cfg = dict(max_epochs=35)
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=35, by_epoch=True, milestones=[15, 30], gamma=0.1)
]
optim_wrapper = dict(optimizer=dict(lr=0.001))
