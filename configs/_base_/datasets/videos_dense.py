# Longer videos of your own: one clip over 64 frames at a random place in training; ten clips spread
# evenly at test, as for Kinetics (Section 4.2). In validation there are three.
_base_ = './videos.py'

train_pipeline = [
    _base_.train_pipeline[0],
    dict(type='DenseSampleFrames', clip_len=1, num_clips=8),
    *_base_.train_pipeline[2:],
]
val_pipeline = [
    _base_.val_pipeline[0],
    dict(type='DenseSampleFrames', clip_len=1, num_clips=8, num_sample_positions=3, test_mode=True),
    *_base_.val_pipeline[2:],
]
test_pipeline = [
    _base_.val_pipeline[0],
    dict(type='DenseSampleFrames', clip_len=1, num_clips=8, test_mode=True),
    *_base_.val_pipeline[2:],
]

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
