# Table 1, I3D (from NL): mmaction2's I3D-ResNet-50 without temporal strides in its stem.
_base_ = [
    'mmaction::_base_/models/i3d_r50.py',
    '../_base_/datasets/sthv1_3d_32f.py',
    '../_base_/schedules/sgd_40e.py',
    '../_base_/default_runtime.py',
]

# As mmaction2's `heavy` config, but for the temporal kernels: one block in two or three.
model = dict(
    backbone=dict(conv1_stride_t=1, pool1_stride_t=1, with_pool2=True),
    cls_head=dict(num_classes=174),
)
