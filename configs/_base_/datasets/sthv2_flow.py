# Flow of Something-Something V2, as tools/data/extract_flow.py writes it: sampled as that of V1.
_base_ = './sthv1_flow.py'

classes = 'sthv2'
data = dict(data_prefix=dict(img='data/sthv2/flow'))
train_dataloader = _base_.train_dataloader
train_dataloader.dataset.update(data, ann_file='data/sthv2/sthv2_train_list_flow.txt')
train_dataloader.dataset.pipeline[5].classes = classes
val_dataloader = _base_.val_dataloader
val_dataloader.dataset.update(data, ann_file='data/sthv2/sthv2_val_list_flow.txt')
test_dataloader = _base_.test_dataloader
test_dataloader.dataset.update(data, ann_file='data/sthv2/sthv2_val_list_flow.txt')
