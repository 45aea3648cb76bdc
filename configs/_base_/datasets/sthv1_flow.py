# Flow of Something-Something V1, as tools/data/extract_flow.py writes it (docs/two_stream.md).
_base_ = './sthv1.py'

train_pipeline = [
    *_base_.train_pipeline[:3],
    # As TSM's code crops flow.
    dict(
        type='MultiScaleCrop',
        input_size=224,
        scales=(1, 0.875, 0.75),
        random_crop=False,
        max_wh_scale_gap=1,
        num_fixed_crops=13,
    ),
    *_base_.train_pipeline[4:],
]

flow = dict(
    data_prefix=dict(img='data/sthv1/flow'),
    filename_tmpl='flow_{}_{:05}.jpg',
    modality='Flow',
)
ann_file_train = 'data/sthv1/sthv1_train_list_flow.txt'
ann_file_val = 'data/sthv1/sthv1_val_list_flow.txt'
train_dataloader = dict(dataset=dict(ann_file=ann_file_train, pipeline=train_pipeline, **flow))
val_dataloader = dict(dataset=dict(ann_file=ann_file_val, **flow))
test_dataloader = val_dataloader
