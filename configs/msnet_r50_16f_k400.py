_base_ = [
    './_base_/models/msnet_r50_16f.py',
    './_base_/datasets/k400_16f.py',
    './_base_/schedules/sgd_80e.py',
    './_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=400))
