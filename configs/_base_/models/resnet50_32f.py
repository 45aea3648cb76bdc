# ResNet-50 on 32 frames, each by itself: TSM without its shift.
_base_ = './msnet_r50.py'

model = dict(
    backbone=dict(
        backbone=dict(num_segments=32, is_shift=False),
        layers=dict(_delete_=True),
    ),
    cls_head=dict(num_segments=32, num_classes=400),
)
