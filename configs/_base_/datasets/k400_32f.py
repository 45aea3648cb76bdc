# Kinetics-400, 32 frames a clip; 25 clips at test (Table 2).
_base_ = './k400.py'

train_pipeline = [
    _base_.train_pipeline[0],
    dict(type='DenseSampleFrames', clip_len=1, num_clips=32),
    *_base_.train_pipeline[2:],
]
val_pipeline = [
    _base_.val_pipeline[0],
    dict(type='DenseSampleFrames', clip_len=1, num_clips=32, test_mode=True),
    *_base_.val_pipeline[2:],
]
test_pipeline = [
    val_pipeline[0],
    dict(
        type='DenseSampleFrames', clip_len=1, num_clips=32, num_sample_positions=25, test_mode=True
    ),
    *val_pipeline[2:],
]

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
