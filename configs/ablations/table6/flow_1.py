# Temporal stream on one flow for each of 8 frames: 8 x 1. docs/two_stream.md fuses it with RGB.
_base_ = [
    '../../_base_/models/tsm_r18_flow.py',
    '../../_base_/datasets/sthv1_flow.py',
    '../../_base_/schedules/sgd_40e.py',
    '../../_base_/default_runtime.py',
]

optim_wrapper = dict(constructor='FlowTSMOptimWrapperConstructor')
