# Table 4, row "res4": MS module after the stage that is called layer3 here.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(
    backbone=dict(layers=dict(_delete_=True, layer3=dict(type='MotionSqueeze', in_channels=256)))
)
