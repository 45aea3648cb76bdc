# ResNet-50 on 32 stacks of 10 flows, from ImageNet's weights averaged over the colours.
_base_ = './resnet50_32f.py'

model = dict(
    data_preprocessor=dict(mean=[127.5], std=[57.63]),
    backbone=dict(
        in_channels=20,
        init_cfg=dict(checkpoint='motionsqueeze://torchvision/resnet50?in_channels=20'),
    ),
)
