_base_ = './tsm_r50.py'

model = dict(backbone=dict(num_segments=16), cls_head=dict(num_segments=16))
