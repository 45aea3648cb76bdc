# The representation-flow layer after res3 of ResNet-50, 20 iterations.
_base_ = './resnet50_32f.py'

model = dict(
    backbone=dict(
        layers=dict(_delete_=True, layer2=dict(type='RepresentationFlow', in_channels=512))
    )
)
