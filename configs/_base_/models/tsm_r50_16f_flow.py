# TSM-ResNet-50 on 16 stacks of 5 flows.
_base_ = './tsm_r50_16f.py'

model = dict(
    data_preprocessor=dict(mean=[127.5], std=[57.63]),
    backbone=dict(
        in_channels=10,
        init_cfg=dict(checkpoint='motionsqueeze://torchvision/resnet50?in_channels=10'),
    ),
)
