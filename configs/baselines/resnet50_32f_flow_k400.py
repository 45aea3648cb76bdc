# Table 2, ResNet-50 two-stream: the temporal stream.
_base_ = [
    '../_base_/models/resnet50_32f_flow.py',
    '../_base_/datasets/k400_flow.py',
    '../_base_/schedules/sgd_80e.py',
    '../_base_/default_runtime.py',
]

optim_wrapper = dict(constructor='FlowTSMOptimWrapperConstructor')
