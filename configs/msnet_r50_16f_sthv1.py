_base_ = [
    './_base_/models/msnet_r50_16f.py',
    './_base_/datasets/sthv1_16f.py',
    './_base_/schedules/sgd_40e.py',
    './_base_/default_runtime.py',
]
