# Figure 5, ResNet-18: the baseline.
_base_ = '../../tsm_r18_sthv1.py'

model = dict(backbone=dict(is_shift=False))
