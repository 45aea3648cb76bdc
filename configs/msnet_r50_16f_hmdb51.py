_base_ = './msnet_r50_hmdb51.py'

load_from = 'work_dirs/msnet_r50_16f_k400/epoch_80.pth'

model = dict(
    backbone=dict(backbone=dict(num_segments=16)),
    cls_head=dict(num_segments=16),
)
train_dataloader = _base_.train_dataloader
train_dataloader.dataset.pipeline[1].num_clips = 16
val_dataloader = _base_.val_dataloader
val_dataloader.dataset.pipeline[1].num_clips = 16
test_dataloader = _base_.test_dataloader
test_dataloader.dataset.pipeline[1].num_clips = 16
