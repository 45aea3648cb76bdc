# Something-Something V1 for 3D networks: the frames of the segments are one clip, (N, C, T, H, W).
_base_ = './sthv1.py'

train_pipeline = [
    dict(type='UniformSample', clip_len=8),
    *_base_.train_pipeline[1:-2],
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
val_pipeline = [
    dict(type='UniformSample', clip_len=8, test_mode=True),
    *_base_.val_pipeline[1:-2],
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
test_pipeline = val_pipeline

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
