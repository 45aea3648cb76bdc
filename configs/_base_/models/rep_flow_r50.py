# The representation-flow layer after res3 of ResNet-50, 20 iterations.
_base_ = './resnet50_32f.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='MSNet',
        backbone=_base_.model.backbone,
        layers=dict(layer2=dict(type='RepresentationFlow', in_channels=512)),
    )
)
