# MotionSqueeze after res3 of TSM-ResNet-50 (the paper's Section 3.2 and Table 9).
_base_ = './tsm_r50.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='MSNet',
        backbone=_base_.model.backbone,
        layers=dict(layer2=dict(type='MotionSqueeze', in_channels=512)),
    )
)
