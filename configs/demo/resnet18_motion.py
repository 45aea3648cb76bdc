# The same network without the MS module and without shift: single frames tell it nothing.
_base_ = './msnet_r18_motion.py'

model = dict(backbone=dict(backbone=dict(is_shift=False), layers=dict(_delete_=True)))
