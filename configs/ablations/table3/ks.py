# Table 3, row "KS": kernel-soft-argmax, displacement alone.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(backbone=dict(layers=dict(layer2=dict(confidence=False))))
