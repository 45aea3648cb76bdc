# The same network, tested on ten clips sampled at random (Table 1, last row).
_base_ = './msnet_r50_16f_sthv1.py'

test_pipeline = [
    dict(type='RandomClipsSampleFrames', num_clips=16, num_sample_positions=10),
    *_base_.test_pipeline[1:],
]
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
