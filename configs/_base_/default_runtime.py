_base_ = 'mmaction::_base_/default_runtime.py'

custom_imports = dict(imports=['msnet_mmaction'], allow_failed_imports=False)
# Among the default hooks, which a config or a command line that sets custom_hooks does not replace.
default_hooks = dict(
    random_states=dict(type='RandomStatesHook'),
    preflight=dict(type='PreflightHook'),
    broken_files=dict(type='BrokenFilesHook'),
    non_finite=dict(type='NonFiniteLossHook'),
    checkpoint=dict(type='SafeCheckpointHook'),
    best_checkpoint=dict(type='BestCheckpointLinkHook'),
    interruption=dict(type='InterruptionHook'),
)
