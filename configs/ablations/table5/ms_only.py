# Table 5, row "MS only": the features themselves are not passed on.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(backbone=dict(layers=dict(layer2=dict(fusion=dict(type='MotionOnlyFusion')))))
