# Table 2, ResNet-50 (from Rep-flow): 25 clips at test.
_base_ = [
    '../_base_/models/resnet50_32f.py',
    '../_base_/datasets/hmdb51.py',
    '../_base_/schedules/sgd_35e.py',
    '../_base_/default_runtime.py',
]

# Fine-tuned from Kinetics: the classifier is a new one.
load_from = 'work_dirs/baselines/resnet50_32f_k400/epoch_80.pth'
custom_hooks = [dict(type='PreflightHook', allow_missing=['cls_head.fc_cls'])]
model = dict(
    backbone=dict(backbone=dict(init_cfg=None)),
    cls_head=dict(num_classes=51),
)
train_dataloader = _base_.train_dataloader
train_dataloader.dataset.pipeline[1].num_clips = 32
val_dataloader = _base_.val_dataloader
val_dataloader.dataset.pipeline[1].num_clips = 32
test_dataloader = _base_.test_dataloader
test_dataloader.dataset.pipeline[1].update(num_clips=32, num_sample_positions=25)
