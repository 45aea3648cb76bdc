_base_ = [
    './_base_/models/tsm_r50_16f.py',
    './_base_/datasets/hmdb51_16f.py',
    './_base_/schedules/sgd_35e.py',
    './_base_/default_runtime.py',
]

# Fine-tuned from Kinetics (Section 4.2): the classifier is a new one.
load_from = 'work_dirs/tsm_r50_16f_k400/epoch_80.pth'
default_hooks = dict(preflight=dict(allow_missing=['cls_head.fc_cls']))
model = dict(backbone=dict(init_cfg=None), cls_head=dict(num_classes=51))
