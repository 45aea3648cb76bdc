# Something-Something V1 for 3D networks, 32 frames a clip; two clips at test (Table 1).
_base_ = './sthv1_3d.py'

train_pipeline = [dict(type='UniformSample', clip_len=32), *_base_.train_pipeline[1:]]
val_pipeline = [
    dict(type='UniformSample', clip_len=32, test_mode=True),
    *_base_.val_pipeline[1:],
]
test_pipeline = [
    dict(type='UniformSample', clip_len=32, num_clips=2, test_mode=True),
    *_base_.test_pipeline[1:],
]

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
