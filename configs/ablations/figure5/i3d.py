# Figure 5, I3D: the baseline.
_base_ = [
    '../../_base_/models/inception_i3d.py',
    '../../_base_/datasets/sthv1_3d.py',
    '../../_base_/schedules/sgd_40e.py',
    '../../_base_/default_runtime.py',
]
