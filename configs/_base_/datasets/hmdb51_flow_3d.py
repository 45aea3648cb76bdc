# Flow of HMDB-51, split 1, for 3D networks.
_base_ = './k400_flow_3d.py'

hmdb51 = dict(num_classes=51, data_prefix=dict(img='data/hmdb51/flow'))
train_dataloader = dict(
    dataset=dict(ann_file='data/hmdb51/hmdb51_train_split_1_flow.txt', **hmdb51)
)
val_dataloader = dict(dataset=dict(ann_file='data/hmdb51/hmdb51_val_split_1_flow.txt', **hmdb51))
test_dataloader = val_dataloader
