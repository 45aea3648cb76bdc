_base_ = './msnet_r50.py'

model = dict(
    backbone=dict(
        backbone=dict(depth=18, init_cfg=dict(checkpoint='motionsqueeze://torchvision/resnet18')),
        layers=dict(layer2=dict(in_channels=128)),
    ),
    cls_head=dict(in_channels=512),
)
