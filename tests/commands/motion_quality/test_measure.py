"""Errors of an untrained network on generated and on rolled clips: bounds that are known."""

import cv2
import numpy as np
import pytest
import torch

from msnet_mmaction.apis import load_recognizer
from msnet_mmaction.commands.demo.motion_clips import draw_views, render
from msnet_mmaction.commands.demo.motion_data import encode
from msnet_mmaction.commands.motion_quality import measure, quality_on_footage, quality_on_generated
from msnet_mmaction.datasets import DataError


@pytest.fixture(scope='module')
def models():
    torch.manual_seed(0)
    return {'untrained': load_recognizer('configs/demo/msnet_r18_motion.py', device='cpu')}


def smooth_noise(rng, height, width):
    """A picture without borders: it can be rolled."""
    tiles = np.tile(rng.normal(size=(height, width, 3)), (3, 3, 1))
    smooth = cv2.GaussianBlur(tiles, (0, 0), 3)[height : 2 * height, width : 2 * width]
    return np.uint8(128 + 30 * (smooth / smooth.std()).clip(-3, 3))


def test_generated_clips(models, tmp_path):
    names = []
    for seed, motion in enumerate(('left', 'down', 'in', 'clockwise')):
        rng = np.random.default_rng(seed)
        views = draw_views(rng, motion, (256, 256))
        frames = render(rng, smooth_noise(rng, 256, 256), views)
        np.savez(tmp_path / f'{motion}.npz', views=views)
        (tmp_path / f'{motion}.mp4').write_bytes(encode(frames, 'mp4'))
        names.append(f'{motion}.mp4 0')
    (tmp_path / 'val.txt').write_text('\n'.join([*names, 'not_asked_for.mp4 0']))
    quality = quality_on_generated(models, tmp_path, clips=4)
    assert quality.clips == 4
    assert quality.pixels_per_position == 4
    zero, found = quality.errors['zero motion'], quality.errors['untrained']
    # Nothing moves further than the zoom and the turn of the corners, nor less than a shift.
    assert 4 < np.median(zero.endpoint_error) < 16
    assert np.array_equal(zero.endpoint_error, zero.magnitude)
    # Even random features match: where they are sure, within one position of the truth.
    assert np.median(found.most_confident(0.25).endpoint_error) < 4
    # High confidence means low error.
    least_sure, *_, surest = found.by_confidence(parts=4)
    assert surest < 0.75 * least_sure
    assert quality.errors['TV-L1'].confidence is None


def test_footage_that_moves_as_one(models, tmp_path, monkeypatch):
    picture = smooth_noise(np.random.default_rng(0), 96, 128)
    frames = np.stack([np.roll(picture, 2 * n, axis=1) for n in range(7)])
    path = tmp_path / 'moves.mp4'
    path.write_bytes(encode(frames, 'mp4'))
    quality = quality_on_footage(models, [path], gap=2, clips=1)
    # 4 of 128 pixels to the right, between frames of 64 pixels: 2.
    assert np.median(quality.errors['zero motion'].endpoint_error) == pytest.approx(2, abs=0.2)
    # Some wrap around, the others count.
    assert 0.5 < quality.valid_share < 1
    assert quality.moving(3).valid_share == pytest.approx(0, abs=0.02)
    monkeypatch.setattr(
        measure,
        'forward_backward_consistent',
        lambda forward, backward: np.zeros_like(forward[:, 0], bool),
    )
    with pytest.raises(DataError, match='nothing to measure'):
        quality_on_footage(models, [path], gap=2, clips=1)
    with pytest.raises(DataError, match='has 7 frames: too few for clips of 10'):
        quality_on_footage(models, [path], gap=3, clips=1)


def test_no_generated_data(models, tmp_path):
    with pytest.raises(DataError, match=r'is no generated data set.*val\.txt'):
        quality_on_generated(models, tmp_path, clips=1)
