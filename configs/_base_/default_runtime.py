_base_ = 'mmaction::_base_/default_runtime.py'

custom_imports = dict(imports=['msnet_mmaction'], allow_failed_imports=False)
custom_hooks = [dict(type='PreflightHook')]
# Among the default hooks, as a config that names custom_hooks of its own keeps these.
default_hooks = dict(broken_files=dict(type='BrokenFilesHook'))
