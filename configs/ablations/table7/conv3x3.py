# Table 7, row "1 x (3,3)": one standard convolution.
_base_ = '../../msnet_r50_sthv1.py'

model = dict(
    backbone=dict(layers=dict(layer2=dict(transform=dict(type='ConvTransform', kernel_size=3))))
)
