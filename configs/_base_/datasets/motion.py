# The generated data of the demo: short clips in which only the motion tells the class
# (tools/data/make_motion_dataset.py). 4 frames of 64 x 64.
dataset_type = 'CheckedVideoDataset'
data_root = 'data/motion'

train_pipeline = [
    dict(type='VideoInit'),
    dict(type='SegmentSampleFrames', clip_len=1, num_clips=4),
    dict(type='VideoDecode'),
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs'),
]
val_pipeline = [
    dict(type='VideoInit'),
    dict(type='SegmentSampleFrames', clip_len=1, num_clips=4, test_mode=True),
    dict(type='VideoDecode'),
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
]

test_pipeline = val_pipeline

train_dataloader = dict(
    batch_size=24,
    # The clips are quick to decode; a worker would fight the training for the cores.
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='train.txt',
        data_prefix=dict(video=''),
        num_classes=8,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=24,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='val.txt',
        data_prefix=dict(video=''),
        num_classes=8,
        pipeline=val_pipeline,
        test_mode=True,
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type='CheckedAccMetric')
test_evaluator = val_evaluator
