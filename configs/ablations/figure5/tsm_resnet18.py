# Figure 5, TSM ResNet-18: the baseline.
_base_ = '../../tsm_r18_sthv1.py'
