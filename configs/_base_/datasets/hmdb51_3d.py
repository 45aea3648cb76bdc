# HMDB-51, split 1, for 3D networks: as Kinetics-400.
_base_ = './k400_3d.py'

hmdb51 = dict(data_prefix=dict(video='data/hmdb51/videos'), classes='hmdb51', num_classes=51)
train_dataloader = dict(
    dataset=dict(ann_file='data/hmdb51/hmdb51_train_split_1_videos.txt', **hmdb51)
)
val_dataloader = dict(dataset=dict(ann_file='data/hmdb51/hmdb51_val_split_1_videos.txt', **hmdb51))
test_dataloader = val_dataloader
