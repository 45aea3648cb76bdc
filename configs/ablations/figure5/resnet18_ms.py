# Figure 5, ResNet-18 with the MS module: no shift, so that the module alone sees two frames.
_base_ = '../../msnet_r18_sthv1.py'

model = dict(backbone=dict(backbone=dict(is_shift=False)))
