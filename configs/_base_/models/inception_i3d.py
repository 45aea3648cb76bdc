# I3D (Figure 7) without the MS module.
_base_ = 'mmaction::_base_/models/i3d_r50.py'

model = dict(
    backbone=dict(_delete_=True, type='InceptionI3D'),
    cls_head=dict(num_classes=174, in_channels=1024),
)
