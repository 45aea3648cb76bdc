# Table 2, Rep-flow on R(2+1)D: the representation-flow layer after res3, 20 iterations; 25 clips.
_base_ = './r2plus1d_r34_k400.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='MSNet',
        backbone={{_base_.model.backbone}},
        layers=dict(layer2=dict(type='RepresentationFlow', in_channels=128)),
    )
)
test_dataloader = _base_.test_dataloader
test_dataloader.dataset.pipeline[1].num_clips = 25

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
