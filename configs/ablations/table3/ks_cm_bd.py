# Table 3, row "KS + CM + BD": with the displacement tensor from each frame to the one before, too.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(backbone=dict(layers=dict(layer2=dict(backward_displacement=True))))
