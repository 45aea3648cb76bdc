# Table 2, R(2+1)D: mmaction2's, of 34 layers, from scratch; 115 clips at test.
_base_ = [
    'mmaction::_base_/models/r2plus1d_r34.py',
    '../_base_/datasets/k400_3d.py',
    '../_base_/schedules/sgd_80e.py',
    '../_base_/default_runtime.py',
]

# SyncBN has no kernel for a CPU.
model = dict(backbone=dict(norm_cfg=dict(type='BN3d')))
test_dataloader = _base_.test_dataloader
test_dataloader.dataset.pipeline[1].num_clips = 115

# From scratch it takes longer: mmaction2's schedule of this network.
train_cfg = dict(max_epochs=180)
param_scheduler = [dict(type='CosineAnnealingLR', T_max=180, eta_min=0, by_epoch=True)]
