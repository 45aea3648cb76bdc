# The representation-flow layer after res3 of R(2+1)D, 20 iterations.
_base_ = './r2plus1d_r34.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='MSNet',
        backbone=_base_.model.backbone,
        layers=dict(layer2=dict(type='RepresentationFlow', in_channels=128)),
    )
)
