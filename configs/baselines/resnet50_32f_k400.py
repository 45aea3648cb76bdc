# Table 2, ResNet-50 (from Rep-flow): 25 clips at test.
_base_ = [
    '../_base_/models/resnet50_32f.py',
    '../_base_/datasets/k400.py',
    '../_base_/schedules/sgd_80e.py',
    '../_base_/default_runtime.py',
]

train_dataloader = _base_.train_dataloader
train_dataloader.dataset.pipeline[1].num_clips = 32
val_dataloader = _base_.val_dataloader
val_dataloader.dataset.pipeline[1].num_clips = 32
test_dataloader = _base_.test_dataloader
test_dataloader.dataset.pipeline[1].update(num_clips=32, num_sample_positions=25)
