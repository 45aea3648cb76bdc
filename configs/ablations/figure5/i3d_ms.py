# Figure 5, I3D (Figure 7) with the MS module, from scratch.
_base_ = [
    '../../_base_/models/msnet_i3d.py',
    '../../_base_/datasets/sthv1_3d.py',
    '../../_base_/schedules/sgd_40e.py',
    '../../_base_/default_runtime.py',
]
