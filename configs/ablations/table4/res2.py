# Table 4, row "res2": MS module after the stage that is called layer1 here.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(
    backbone=dict(layers=dict(_delete_=True, layer1=dict(type='MotionSqueeze', in_channels=64)))
)
