# Figure 4, P = 9: displacements up to 4 positions.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(backbone=dict(layers=dict(layer2=dict(displacement=dict(max_displacement=4)))))
