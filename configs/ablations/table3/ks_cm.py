# Table 3, row "KS + CM": with the confidence map. The default of all other experiments.
_base_ = '../../msnet_r18_sthv1.py'
