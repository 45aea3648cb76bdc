# Flow of Kinetics-400, as tools/data/extract_flow.py writes it: 32 stacks of 10.
_base_ = './k400.py'

train_pipeline = [
    dict(type='DenseSampleFrames', clip_len=10, num_clips=32),
    dict(type='RawFrameDecode'),
    *_base_.train_pipeline[3:],
]
val_pipeline = [
    dict(type='DenseSampleFrames', clip_len=10, num_clips=32, test_mode=True),
    dict(type='RawFrameDecode'),
    *_base_.val_pipeline[3:-1],
    dict(type='PackActionInputs', meta_keys=('img_shape', 'frame_dir')),
]
# Table 2: 25 clips.
test_pipeline = [
    dict(
        type='DenseSampleFrames', clip_len=10, num_clips=32, num_sample_positions=25, test_mode=True
    ),
    *val_pipeline[1:],
]

dataset_type = 'CheckedRawframeDataset'
flow = dict(
    _delete_=True,
    type=dataset_type,
    filename_tmpl='flow_{}_{:05}.jpg',
    modality='Flow',
    num_classes=400,
)
train = dict(ann_file='data/kinetics400/kinetics400_train_list_flow.txt', pipeline=train_pipeline)
train.update(flow, data_prefix=dict(img='data/kinetics400/flow_train'))
val = dict(ann_file='data/kinetics400/kinetics400_val_list_flow.txt', test_mode=True)
val.update(flow, data_prefix=dict(img='data/kinetics400/flow_val'))
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=dict(**val, pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(**val, pipeline=test_pipeline))
