# Figure 4, P = 21: displacements up to 10 positions.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(backbone=dict(layers=dict(layer2=dict(displacement=dict(max_displacement=10)))))
