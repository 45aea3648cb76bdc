# HMDB-51, split 1: sampled as Kinetics-400; mmaction2's lists and places.
_base_ = './k400.py'

data_root = 'data/hmdb51/videos'
data_root_val = data_root
ann_file_train = 'data/hmdb51/hmdb51_train_split_1_videos.txt'
ann_file_val = 'data/hmdb51/hmdb51_val_split_1_videos.txt'

train_dataloader = dict(
    dataset=dict(
        ann_file=ann_file_train,
        data_prefix=dict(video=data_root),
        classes='hmdb51',
        num_classes=51,
    )
)
val_dataloader = dict(
    dataset=dict(
        ann_file=ann_file_val,
        data_prefix=dict(video=data_root),
        classes='hmdb51',
        num_classes=51,
    )
)
test_dataloader = val_dataloader
