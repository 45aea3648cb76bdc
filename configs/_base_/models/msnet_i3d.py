# MotionSqueeze after Inc(b) of I3D (Figure 7).
_base_ = 'mmaction::_base_/models/i3d_r50.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='MSNet',
        backbone=dict(type='InceptionI3D'),
        layers=dict(inc_b=dict(type='MotionSqueeze', in_channels=480)),
    ),
    cls_head=dict(num_classes=174, in_channels=1024),
)
