# Table 1, TSN: mmaction2's, on ResNet-50; the published row is on BN-Inception.
_base_ = [
    'mmaction::_base_/models/tsn_r50.py',
    '../_base_/datasets/sthv1.py',
    '../_base_/schedules/sgd_40e.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=174))
