# Figure 4, P = 15: displacements up to 7 positions. The default.
_base_ = '../../msnet_r18_sthv1.py'
