# The same network without the MS module: single frames tell it nothing.
_base_ = './msnet_r18_motion.py'

model = dict(backbone=dict(layers=dict(_delete_=True)))
custom_hooks = [dict(type='PreflightHook')]
