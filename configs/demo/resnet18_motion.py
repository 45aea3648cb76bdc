# The same network without the MS module: single frames tell it nothing.
_base_ = './msnet_r18_motion.py'

model = dict(
    backbone=dict(_delete_=True, type='FastResNetTSM', depth=18, num_segments=4, is_shift=False)
)
# There is no motion to draw.
custom_hooks = []
