_base_ = './msnet_r50.py'

model = dict(
    backbone=dict(
        backbone=dict(
            depth=101,
            # Every block, as the authors' code; mmaction2's own ResNet-101 shifts every second.
            shift_every=1,
            init_cfg=dict(checkpoint='motionsqueeze://torchvision/resnet101'),
        )
    )
)
