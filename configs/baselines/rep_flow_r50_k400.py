# Table 2, Rep-flow on ResNet-50: 25 clips at test.
_base_ = [
    '../_base_/models/rep_flow_r50.py',
    '../_base_/datasets/k400_32f.py',
    '../_base_/schedules/rep_flow_80e.py',
    '../_base_/default_runtime.py',
]
