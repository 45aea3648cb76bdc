# Table 7, row "ours": four depth-wise separable convolutions. The default.
_base_ = '../../msnet_r50_sthv1.py'
