_base_ = './msnet_r50_16f_hmdb51.py'

load_from = 'work_dirs/tsm_r50_16f_k400/epoch_80.pth'

# TSM: the same network without the layer.
model = dict(backbone=dict(layers=dict(_delete_=True)))
