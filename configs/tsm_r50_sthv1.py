_base_ = './msnet_r50_sthv1.py'

# TSM: the same network without the layer.
model = dict(backbone=dict(layers=dict(_delete_=True)))
