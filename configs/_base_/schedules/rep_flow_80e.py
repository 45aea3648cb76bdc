# The constructor of TSM has no rule for the step sizes of the representation-flow layer. The same
# groups by MMEngine's; step sizes and kernels of the flow at lr / 100, as the authors' code.
_base_ = './sgd_80e.py'

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
