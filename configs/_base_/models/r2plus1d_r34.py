# mmaction2's R(2+1)D of 34 layers; SyncBN has no kernel for a CPU.
_base_ = 'mmaction::_base_/models/r2plus1d_r34.py'

model = dict(backbone=dict(norm_cfg=dict(type='BN3d')))
