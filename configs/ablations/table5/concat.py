# Table 5, row "concat.": [F, M], brought back to C channels by a 1 x 1 convolution.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(backbone=dict(layers=dict(layer2=dict(fusion=dict(type='ConcatFusion')))))
