# Table 2, ResNet-50 two-stream: the temporal stream.
_base_ = [
    '../_base_/models/resnet50_32f_flow.py',
    '../_base_/datasets/hmdb51_flow.py',
    '../_base_/schedules/sgd_35e.py',
    '../_base_/default_runtime.py',
]

# Fine-tuned from Kinetics: the classifier is a new one.
load_from = 'work_dirs/baselines/resnet50_32f_flow_k400/epoch_80.pth'
default_hooks = dict(preflight=dict(allow_missing=['cls_head.fc_cls']))
model = dict(backbone=dict(init_cfg=None), cls_head=dict(num_classes=51))
optim_wrapper = dict(constructor='FlowTSMOptimWrapperConstructor')
