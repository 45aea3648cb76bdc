# Table 2, Rep-flow on ResNet-50: 25 clips at test.
_base_ = [
    '../_base_/models/rep_flow_r50.py',
    '../_base_/datasets/k400.py',
    '../_base_/schedules/rep_flow_80e.py',
    '../_base_/default_runtime.py',
]

train_dataloader = _base_.train_dataloader
train_dataloader.dataset.pipeline[1].num_clips = 32
val_dataloader = _base_.val_dataloader
val_dataloader.dataset.pipeline[1].num_clips = 32
test_dataloader = _base_.test_dataloader
test_dataloader.dataset.pipeline[1].update(num_clips=32, num_sample_positions=25)
