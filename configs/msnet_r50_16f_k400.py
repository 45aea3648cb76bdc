_base_ = './msnet_r50_k400.py'

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
