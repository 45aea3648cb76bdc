# MobileNet-V2 of Table 10 without the MS module: frame by frame, scores averaged.
_base_ = './tsm_r50.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='WideStemMobileNetV2',
        init_cfg=dict(type='Pretrained', checkpoint='mmcls://mobilenet_v2'),
    ),
    cls_head=dict(in_channels=1280),
)
