# Temporal stream on stacks of 5 flows, one for each of 8 frames: 8 x 5.
_base_ = './flow_1.py'

model = dict(
    backbone=dict(
        backbone=dict(
            in_channels=10,
            init_cfg=dict(checkpoint='motionsqueeze://torchvision/resnet18?in_channels=10'),
        )
    )
)
train_dataloader = _base_.train_dataloader
train_dataloader.dataset.pipeline[0].clip_len = 5
val_dataloader = _base_.val_dataloader
val_dataloader.dataset.pipeline[0].clip_len = 5
test_dataloader = _base_.test_dataloader
test_dataloader.dataset.pipeline[0].clip_len = 5
