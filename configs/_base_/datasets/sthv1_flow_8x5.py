# Flow of Something-Something V1: 8 stacks of 5.
_base_ = './sthv1_flow.py'

train_pipeline = [
    dict(type='SegmentSampleFrames', clip_len=5, num_clips=8),
    *_base_.train_pipeline[1:],
]
val_pipeline = [
    dict(type='SegmentSampleFrames', clip_len=5, num_clips=8, test_mode=True),
    *_base_.val_pipeline[1:],
]
test_pipeline = val_pipeline

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
