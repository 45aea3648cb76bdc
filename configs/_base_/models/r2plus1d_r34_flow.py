# R(2+1)D on a clip of flow.
_base_ = './r2plus1d_r34.py'

model = dict(
    data_preprocessor=dict(mean=[127.5], std=[57.63]),
    backbone=dict(in_channels=2),
)
