# Flow of Something-Something V2, as tools/data/extract_flow.py writes it: 16 stacks of 5.
_base_ = './sthv1_flow_16x5.py'

classes = 'sthv2'
train_pipeline = [
    *_base_.train_pipeline[:-3],
    dict(type='DirectionAwareFlip', classes=classes, directions='keep'),
    *_base_.train_pipeline[-2:],
]

flow = dict(data_prefix=dict(img='data/sthv2/flow'), classes=classes)
ann_file_train = 'data/sthv2/sthv2_train_list_flow.txt'
ann_file_val = 'data/sthv2/sthv2_val_list_flow.txt'
train_dataloader = dict(dataset=dict(ann_file=ann_file_train, pipeline=train_pipeline, **flow))
val_dataloader = dict(dataset=dict(ann_file=ann_file_val, **flow))
test_dataloader = val_dataloader
