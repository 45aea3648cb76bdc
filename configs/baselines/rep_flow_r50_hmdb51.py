# Table 2, Rep-flow on ResNet-50: 25 clips at test.
_base_ = [
    '../_base_/models/rep_flow_r50.py',
    '../_base_/datasets/hmdb51_32f.py',
    '../_base_/schedules/rep_flow_35e.py',
    '../_base_/default_runtime.py',
]

# Fine-tuned from Kinetics: the classifier is a new one.
load_from = 'work_dirs/baselines/rep_flow_r50_k400/epoch_80.pth'
default_hooks = dict(preflight=dict(allow_missing=['cls_head.fc_cls']))
model = dict(
    backbone=dict(backbone=dict(init_cfg=None)),
    cls_head=dict(num_classes=51),
)
