# MotionSqueeze after Inc(b) of I3D (Figure 7).
_base_ = './inception_i3d.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='MSNet',
        backbone=_base_.model.backbone,
        layers=dict(inc_b=dict(type='MotionSqueeze', in_channels=480)),
    )
)
