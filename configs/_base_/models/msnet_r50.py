# MotionSqueeze after res3 of TSM-ResNet-50 (the paper's Section 3.2 and Table 9).
_base_ = 'mmaction::_base_/models/tsm_r50.py'

model = dict(
    type='MotionRecognizer2D',
    backbone=dict(
        _delete_=True,
        type='MSNet',
        backbone=dict(
            type='FastResNetTSM',
            depth=50,
            num_segments=8,
            init_cfg=dict(
                type='Pretrained',
                checkpoint='motionsqueeze://torchvision/resnet50',
                prefix='backbone.',
            ),
        ),
        layers=dict(layer2=dict(type='MotionSqueeze', in_channels=512)),
    ),
    cls_head=dict(num_segments=8, num_classes=174),
)
