# Table 4, row "res3": MS module after layer2. The default.
_base_ = '../../msnet_r18_sthv1.py'
