# Figure 5, MobileNet-V2 (Table 10) with the MS module.
_base_ = [
    '../../_base_/models/msnet_mobilenet_v2.py',
    '../../_base_/datasets/sthv1.py',
    '../../_base_/schedules/sgd_40e.py',
    '../../_base_/default_runtime.py',
]
