# Table 5, row "multiply": F * M.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(backbone=dict(layers=dict(layer2=dict(fusion=dict(type='MultiplyFusion')))))
