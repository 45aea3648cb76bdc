# Table 2, R(2+1)D: 115 clips at test.
_base_ = [
    '../_base_/models/r2plus1d_r34.py',
    '../_base_/datasets/hmdb51_3d.py',
    '../_base_/schedules/sgd_35e.py',
    '../_base_/default_runtime.py',
]

# Fine-tuned from Kinetics: the classifier is a new one.
load_from = 'work_dirs/baselines/r2plus1d_r34_k400/epoch_180.pth'
default_hooks = dict(preflight=dict(allow_missing=['cls_head.fc_cls']))
model = dict(cls_head=dict(num_classes=51))
test_pipeline = [
    _base_.test_pipeline[0],
    dict(type='SampleFrames', clip_len=32, frame_interval=2, num_clips=115, test_mode=True),
    *_base_.test_pipeline[2:],
]
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
