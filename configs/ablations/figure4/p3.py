# Figure 4, P = 3: displacements up to 1 positions.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(backbone=dict(layers=dict(layer2=dict(displacement=dict(max_displacement=1)))))
