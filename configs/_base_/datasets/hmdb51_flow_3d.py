# Flow of HMDB-51, for 3D networks.
_base_ = './k400_flow_3d.py'

classes = 'hmdb51'
# Split 1, or the one that HMDB51_SPLIT in the environment names.
ann_file_train = 'data/hmdb51/hmdb51_train_split_{{$HMDB51_SPLIT:1}}_flow.txt'
ann_file_val = 'data/hmdb51/hmdb51_val_split_{{$HMDB51_SPLIT:1}}_flow.txt'
train_pipeline = [
    *_base_.train_pipeline[:-3],
    dict(type='DirectionAwareFlip', classes=classes),
    *_base_.train_pipeline[-2:],
]

hmdb51 = dict(data_prefix=dict(img='data/hmdb51/flow'), classes=classes, num_classes=51)
train_dataloader = dict(dataset=dict(ann_file=ann_file_train, pipeline=train_pipeline, **hmdb51))
val_dataloader = dict(dataset=dict(ann_file=ann_file_val, **hmdb51))
test_dataloader = val_dataloader
