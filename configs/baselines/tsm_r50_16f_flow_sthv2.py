# Table 1, TSM two-stream: the temporal stream on 16 stacks of 5 flows.
_base_ = [
    '../_base_/models/tsm_r50_16f_flow.py',
    '../_base_/datasets/sthv2_flow_16x5.py',
    '../_base_/schedules/sgd_40e.py',
    '../_base_/default_runtime.py',
]

optim_wrapper = dict(constructor='FlowTSMOptimWrapperConstructor')
