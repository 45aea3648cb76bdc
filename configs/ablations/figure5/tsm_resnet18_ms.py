# Figure 5, TSM ResNet-18 with the MS module. The default.
_base_ = '../../msnet_r18_sthv1.py'
