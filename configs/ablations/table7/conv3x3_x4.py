# Table 7, row "4 x (3,3)": four standard convolutions. The paper does not give their widths: 64 is
# what an early version of the authors' code has, and what fits the published 2.7 G.
_base_ = '../../msnet_r50_sthv1.py'

model = dict(
    backbone=dict(
        layers=dict(
            layer2=dict(
                transform=dict(type='ConvTransform', kernel_size=3, widths=(64, 64, 64)),
            )
        )
    )
)
