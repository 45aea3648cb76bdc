# Figure 5, MobileNet-V2: the baseline.
_base_ = './mobilenet_v2_ms.py'

model = dict(backbone=dict(layers=dict(_delete_=True)))
