# The same network, tested on ten clips sampled at random (Table 1, last row).
_base_ = './msnet_r50_sthv2.py'

test_pipeline = [
    _base_.test_pipeline[0],
    dict(type='RandomClipsSampleFrames', num_clips=8, num_sample_positions=10),
    *_base_.test_pipeline[2:],
]
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
