# Table 2, R(2+1)D two-stream: the temporal stream.
_base_ = [
    '../_base_/models/r2plus1d_r34_flow.py',
    '../_base_/datasets/k400_flow_3d.py',
    '../_base_/schedules/sgd_80e.py',
    '../_base_/default_runtime.py',
]

# From scratch it takes longer: mmaction2's schedule of this network.
train_cfg = dict(max_epochs=180)
param_scheduler = [dict(type='CosineAnnealingLR', T_max=180, eta_min=0, by_epoch=True)]
