# Table 4, row "res2,3,4": three MS modules.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(
    backbone=dict(
        layers=dict(
            layer1=dict(type='MotionSqueeze', in_channels=64),
            layer3=dict(type='MotionSqueeze', in_channels=256),
        )
    )
)
