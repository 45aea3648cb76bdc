# Figure 5, MobileNet-V2: the baseline.
_base_ = [
    '../../_base_/models/mobilenet_v2.py',
    '../../_base_/datasets/sthv1.py',
    '../../_base_/schedules/sgd_40e.py',
    '../../_base_/default_runtime.py',
]
