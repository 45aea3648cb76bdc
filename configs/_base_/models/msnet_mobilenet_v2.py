# MotionSqueeze after stage 3 of MobileNet-V2 (Table 10), which has few channels: no reduction.
_base_ = './msnet_r50.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='MSNet',
        backbone=dict(
            type='WideStemMobileNetV2',
            init_cfg=dict(type='Pretrained', checkpoint='mmcls://mobilenet_v2'),
        ),
        layers=dict(layer3=dict(type='MotionSqueeze', in_channels=32, reduced_channels=None)),
        num_segments=8,
    ),
    cls_head=dict(in_channels=1280),
)
