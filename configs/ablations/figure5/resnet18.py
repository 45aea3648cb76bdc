# Figure 5, ResNet-18: the baseline.
_base_ = './resnet18_ms.py'

model = dict(backbone=dict(layers=dict(_delete_=True)))
