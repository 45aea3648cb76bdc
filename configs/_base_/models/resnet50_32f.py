# ResNet-50 on 32 frames, each by itself: TSM without its shift.
_base_ = './tsm_r50.py'

model = dict(
    backbone=dict(num_segments=32, is_shift=False),
    cls_head=dict(num_segments=32, num_classes=400),
)
