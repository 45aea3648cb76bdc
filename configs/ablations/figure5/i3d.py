# Figure 5, I3D: the baseline.
_base_ = './i3d_ms.py'

model = dict(backbone=dict(layers=dict(_delete_=True)))
