# Table 2, R(2+1)D: 115 clips at test.
_base_ = [
    '../_base_/models/r2plus1d_r34.py',
    '../_base_/datasets/k400_3d.py',
    '../_base_/schedules/sgd_80e.py',
    '../_base_/default_runtime.py',
]

test_pipeline = [
    _base_.test_pipeline[0],
    dict(type='SampleFrames', clip_len=32, frame_interval=2, num_clips=115, test_mode=True),
    *_base_.test_pipeline[2:],
]
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))

# From scratch it takes longer: mmaction2's schedule of this network.
train_cfg = dict(max_epochs=180)
param_scheduler = [dict(type='CosineAnnealingLR', T_max=180, eta_min=0, by_epoch=True)]
