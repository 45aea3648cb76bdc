# Table 2, Rep-flow on R(2+1)D: 25 clips at test.
_base_ = [
    '../_base_/models/rep_flow_r2plus1d_r34.py',
    '../_base_/datasets/hmdb51_3d.py',
    '../_base_/schedules/rep_flow_35e.py',
    '../_base_/default_runtime.py',
]

# Fine-tuned from Kinetics: the classifier is a new one.
load_from = 'work_dirs/baselines/rep_flow_r2plus1d_r34_k400/epoch_180.pth'
default_hooks = dict(preflight=dict(allow_missing=['cls_head.fc_cls']))
model = dict(cls_head=dict(num_classes=51))
