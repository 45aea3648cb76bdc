# Table 8, row "MS module". The default.
_base_ = '../../msnet_r18_sthv1.py'
