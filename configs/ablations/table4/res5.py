# Table 4, row "res5": MS module after the stage that is called layer4 here.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(
    backbone=dict(layers=dict(_delete_=True, layer4=dict(type='MotionSqueeze', in_channels=512)))
)
