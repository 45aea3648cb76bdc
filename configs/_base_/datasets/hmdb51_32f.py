# HMDB-51, 32 frames a clip; 25 clips at test (Table 2).
_base_ = './k400_32f.py'

# Split 1, or the one that HMDB51_SPLIT in the environment names.
ann_file_train = 'data/hmdb51/hmdb51_train_split_{{$HMDB51_SPLIT:1}}_videos.txt'
ann_file_val = 'data/hmdb51/hmdb51_val_split_{{$HMDB51_SPLIT:1}}_videos.txt'
data_root = 'data/hmdb51/videos'
data_root_val = data_root

hmdb51 = dict(data_prefix=dict(video=data_root), classes='hmdb51', num_classes=51)
train_dataloader = dict(dataset=dict(ann_file=ann_file_train, **hmdb51))
val_dataloader = dict(dataset=dict(ann_file=ann_file_val, **hmdb51))
test_dataloader = val_dataloader
