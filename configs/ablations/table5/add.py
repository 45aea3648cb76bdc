# Table 5, row "add": F + M (Eq. 6). The default.
_base_ = '../../msnet_r18_sthv1.py'
