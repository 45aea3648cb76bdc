# The temporal stream of Table 6: TSM-ResNet-18 on optical flow, from ImageNet's weights with those
# of the first convolution averaged over the colours. Mean and deviation of TSM's code, in bytes.
_base_ = './tsm_r18.py'

model = dict(
    data_preprocessor=dict(mean=[127.5], std=[57.63]),
    backbone=dict(
        in_channels=2,
        init_cfg=dict(checkpoint='motionsqueeze://torchvision/resnet18?in_channels=2'),
    ),
)
