# Figure 4, P = 13: displacements up to 6 positions.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(backbone=dict(layers=dict(layer2=dict(displacement=dict(max_displacement=6)))))
