# Split 3 of HMDB-51.
_base_ = './r2plus1d_r34_flow_hmdb51.py'

train_dataloader = dict(dataset=dict(ann_file='data/hmdb51/hmdb51_train_split_3_flow.txt'))
val_dataloader = dict(dataset=dict(ann_file='data/hmdb51/hmdb51_val_split_3_flow.txt'))
test_dataloader = val_dataloader
