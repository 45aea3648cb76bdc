# The same network, tested on ten clips sampled at random (Table 1, last row).
_base_ = './msnet_r50_sthv1.py'

test_dataloader = _base_.test_dataloader
test_dataloader.dataset.pipeline[0].update(type='RandomClipsSampleFrames', num_sample_positions=10)
