# Table 1, TRN: mmaction2's multi-scale one, on ResNet-50; the published row is on BN-Inception.
_base_ = [
    'mmaction::_base_/models/trn_r50.py',
    '../_base_/datasets/sthv1.py',
    '../_base_/schedules/sgd_40e.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=174))
