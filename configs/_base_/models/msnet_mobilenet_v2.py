# MotionSqueeze after stage 3 of MobileNet-V2 (Table 10), which has few channels: no reduction.
_base_ = './mobilenet_v2.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='MSNet',
        backbone=_base_.model.backbone,
        layers=dict(layer3=dict(type='MotionSqueeze', in_channels=32, reduced_channels=None)),
        num_segments=8,
    )
)
