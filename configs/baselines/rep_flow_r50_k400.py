# Table 2, Rep-flow on ResNet-50: the representation-flow layer after res3, 20 iterations.
_base_ = './resnet50_32f_k400.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='MSNet',
        num_segments=32,
        backbone={{_base_.model.backbone}},
        layers=dict(layer2=dict(type='RepresentationFlow', in_channels=512)),
    )
)

# The constructor of TSM has no rule for the layer's step sizes. The same groups by the default one;
# step sizes and kernels of the flow at lr / 100, as the authors' code.
optim_wrapper = dict(
    constructor='DefaultOptimWrapperConstructor',
    paramwise_cfg=dict(
        _delete_=True,
        norm_decay_mult=0,
        bias_decay_mult=0,
        bias_lr_mult=2,
        custom_keys={'motion.flow': dict(lr_mult=0.01, decay_mult=0)},
    ),
)
