# Table 2, ResNet-50 (from Rep-flow): 25 clips at test.
_base_ = [
    '../_base_/models/resnet50_32f.py',
    '../_base_/datasets/k400_32f.py',
    '../_base_/schedules/sgd_80e.py',
    '../_base_/default_runtime.py',
]
