# Table 2, R(2+1)D two-stream: the temporal stream.
_base_ = [
    '../_base_/models/r2plus1d_r34_flow.py',
    '../_base_/datasets/hmdb51_flow_3d.py',
    '../_base_/schedules/sgd_35e.py',
    '../_base_/default_runtime.py',
]

# Fine-tuned from Kinetics: the classifier is a new one.
load_from = 'work_dirs/baselines/r2plus1d_r34_flow_k400/epoch_180.pth'
default_hooks = dict(preflight=dict(allow_missing=['cls_head.fc_cls']))
model = dict(cls_head=dict(num_classes=51))
