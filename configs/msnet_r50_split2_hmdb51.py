# Split 2 of HMDB-51.
_base_ = './msnet_r50_hmdb51.py'

train_dataloader = dict(dataset=dict(ann_file='data/hmdb51/hmdb51_train_split_2_videos.txt'))
val_dataloader = dict(dataset=dict(ann_file='data/hmdb51/hmdb51_val_split_2_videos.txt'))
test_dataloader = val_dataloader
