_base_ = 'mmaction::_base_/default_runtime.py'

custom_imports = dict(imports=['msnet_mmaction'], allow_failed_imports=False)
custom_hooks = [dict(type='PreflightHook')]
