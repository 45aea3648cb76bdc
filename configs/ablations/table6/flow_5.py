# Temporal stream on stacks of 5 flows, one for each of 8 frames: 8 x 5.
_base_ = [
    '../../_base_/models/tsm_r18_flow.py',
    '../../_base_/datasets/sthv1_flow_8x5.py',
    '../../_base_/schedules/sgd_40e.py',
    '../../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(
        in_channels=10,
        init_cfg=dict(checkpoint='motionsqueeze://torchvision/resnet18?in_channels=10'),
    )
)
optim_wrapper = dict(constructor='FlowTSMOptimWrapperConstructor')
