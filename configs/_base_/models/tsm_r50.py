# TSM-ResNet-50 from ImageNet's weights.
_base_ = 'mmaction::_base_/models/tsm_r50.py'

model = dict(
    type='MotionRecognizer2D',
    backbone=dict(
        _delete_=True,
        type='FastResNetTSM',
        depth=50,
        num_segments=8,
        init_cfg=dict(
            type='Pretrained',
            checkpoint='motionsqueeze://torchvision/resnet50',
            prefix='backbone.',
        ),
    ),
    cls_head=dict(num_segments=8, num_classes=174),
)
