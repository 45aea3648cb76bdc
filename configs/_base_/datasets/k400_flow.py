# Flow of Kinetics-400, as tools/data/extract_flow.py writes it: 32 stacks of 10.
_base_ = './k400.py'

dataset_type = 'CheckedRawframeDataset'
classes = 'k400'
train_pipeline = [
    dict(type='DenseSampleFrames', clip_len=10, num_clips=32),
    dict(type='FrameFilesDecode'),
    dict(type='Resize', scale=(320, 240), keep_ratio=False),
    # As TSM's code crops flow.
    dict(
        type='MultiScaleCrop',
        input_size=224,
        scales=(1, 0.875, 0.75),
        random_crop=False,
        max_wh_scale_gap=1,
        num_fixed_crops=13,
    ),
    dict(type='Resize', scale=(224, 224), keep_ratio=False),
    # No class of Kinetics is a direction, but flow is mirrored as a field.
    dict(type='DirectionAwareFlip', classes=classes),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs'),
]
val_pipeline = [
    dict(type='DenseSampleFrames', clip_len=10, num_clips=32, test_mode=True),
    dict(type='FrameFilesDecode'),
    dict(type='Resize', scale=(320, 240), keep_ratio=False),
    dict(type='CenterCrop', crop_size=224),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'frame_dir')),
]
# Table 2: 25 clips.
test_pipeline = [
    dict(
        type='DenseSampleFrames', clip_len=10, num_clips=32, num_sample_positions=25, test_mode=True
    ),
    *val_pipeline[1:],
]

flow = dict(
    _delete_=True,
    type=dataset_type,
    filename_tmpl='flow_{}_{:05}.jpg',
    modality='Flow',
    classes=classes,
    num_classes=400,
)
val = dict(
    ann_file='data/kinetics400/kinetics400_val_list_flow.txt',
    data_prefix=dict(img='data/kinetics400/flow_val'),
    test_mode=True,
    **flow,
)
train_dataloader = dict(
    dataset=dict(
        ann_file='data/kinetics400/kinetics400_train_list_flow.txt',
        data_prefix=dict(img='data/kinetics400/flow_train'),
        pipeline=train_pipeline,
        **flow,
    )
)
val_dataloader = dict(dataset=dict(pipeline=val_pipeline, **val))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline, **val))
