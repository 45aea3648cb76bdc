# A small temporal stream, on the flow of the generated videos (docs/two_stream.md).
_base_ = './msnet_r18_motion.py'

model = dict(
    data_preprocessor=dict(mean=[127.5], std=[57.63]),
    backbone=dict(_delete_=True, type='FastResNetTSM', depth=18, num_segments=4, in_channels=2),
)
# There is no motion to draw.
custom_hooks = []

flow = dict(
    _delete_=True,
    type='CheckedRawframeDataset',
    data_root='data/motion_flow',
    data_prefix=dict(img=''),
    filename_tmpl='flow_{}_{:05}.jpg',
    modality='Flow',
    num_classes=8,
)
train_dataloader = dict(
    dataset=dict(
        **flow,
        ann_file='train.txt',
        pipeline=[
            dict(type='SegmentSampleFrames', clip_len=1, num_clips=4),
            dict(type='FrameFilesDecode'),
            dict(type='Resize', scale=(64, 64), keep_ratio=False),
            dict(type='FormatShape', input_format='NCHW'),
            dict(type='PackActionInputs'),
        ],
    )
)
val_dataloader = dict(
    dataset=dict(
        **flow,
        ann_file='val.txt',
        pipeline=[
            dict(type='SegmentSampleFrames', clip_len=1, num_clips=4, test_mode=True),
            dict(type='FrameFilesDecode'),
            dict(type='Resize', scale=(64, 64), keep_ratio=False),
            dict(type='FormatShape', input_format='NCHW'),
            dict(type='PackActionInputs', meta_keys=('img_shape', 'frame_dir')),
        ],
        test_mode=True,
    )
)
test_dataloader = val_dataloader
