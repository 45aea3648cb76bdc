# Table 2, ResNet-50 (from Rep-flow): 25 clips at test.
_base_ = [
    '../_base_/models/resnet50_32f.py',
    '../_base_/datasets/hmdb51_32f.py',
    '../_base_/schedules/sgd_35e.py',
    '../_base_/default_runtime.py',
]

# Fine-tuned from Kinetics: the classifier is a new one.
load_from = 'work_dirs/baselines/resnet50_32f_k400/epoch_80.pth'
default_hooks = dict(preflight=dict(allow_missing=['cls_head.fc_cls']))
model = dict(backbone=dict(init_cfg=None), cls_head=dict(num_classes=51))
