# Kinetics-400 for 3D networks: 32 frames, every second one, are one clip, (N, C, T, H, W).
_base_ = './k400.py'

train_pipeline = [
    _base_.train_pipeline[0],
    dict(type='SampleFrames', clip_len=32, frame_interval=2),
    *_base_.train_pipeline[2:-2],
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
val_pipeline = [
    _base_.val_pipeline[0],
    dict(type='SampleFrames', clip_len=32, frame_interval=2, test_mode=True),
    *_base_.val_pipeline[2:-2],
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
# Table 2: 25 clips.
test_pipeline = [
    val_pipeline[0],
    dict(type='SampleFrames', clip_len=32, frame_interval=2, num_clips=25, test_mode=True),
    *val_pipeline[2:],
]

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
