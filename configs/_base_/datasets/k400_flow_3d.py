# Flow of Kinetics-400 for 3D networks: 32 flows, every second one, are one clip, (N, C, T, H, W).
_base_ = './k400_flow.py'

shape = [dict(type='FormatShape', input_format='NCTHW'), _base_.val_pipeline[-1]]
train_pipeline = [
    dict(type='SampleFrames', clip_len=32, frame_interval=2),
    *_base_.train_pipeline[1:-2],
    *shape,
]
val_pipeline = [
    dict(type='SampleFrames', clip_len=32, frame_interval=2, test_mode=True),
    *_base_.val_pipeline[1:-2],
    *shape,
]
# Table 2: 115 clips.
test_pipeline = [
    dict(type='SampleFrames', clip_len=32, frame_interval=2, num_clips=115, test_mode=True),
    *val_pipeline[1:],
]

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
