"""Sampled indices against the rules of the authors' code, stated anew, for 1 to 300 frames.

The rules are those of TSM's and MotionSqueeze's dataset.py, with T segments of a video of n frames.
"""

import numpy as np
import pytest
from mmaction.registry import TRANSFORMS
from mmengine.config import Config

LENGTHS = range(1, 301)
FRAMES = pytest.mark.parametrize('T', [8, 16])
OFFSETS = pytest.mark.parametrize('start_index', [0, 1])  # of video files, and of frame folders


def sampled(n, start_index=0, seed=0, **config):
    sampler = TRANSFORMS.build(config)
    np.random.seed(seed)  # noqa: NPY002  (the generator that mmaction2 draws from)
    indices = sampler.transform(dict(total_frames=n, start_index=start_index))['frame_inds']
    assert indices.dtype.kind == 'i'
    return (indices - start_index).tolist()


def authors_train(n, T, seed=0):
    """One frame at random of each n // T; nothing but the first frame if there are fewer than T."""
    np.random.seed(seed)  # noqa: NPY002
    length = n // T
    if length == 0:
        return [0] * T
    return [t * length + r for t, r in enumerate(np.random.randint(length, size=T))]  # noqa: NPY002


def authors_middle(n, T):
    """The middle of each segment of n / T frames, by whole numbers alone."""
    return [(2 * t + 1) * n // (2 * T) for t in range(T)]


def authors_val(n, T):
    return authors_middle(n, T) if n > T else [0] * T


def authors_stacks(n, T, L, test_mode, seed=0):
    """Frames of T stacks of L, by their rules for starts and for what lies past the end."""
    np.random.seed(seed)  # noqa: NPY002
    starts = n - L + 1
    if test_mode:
        first = [(2 * t + 1) * starts // (2 * T) for t in range(T)] if n > T + L - 1 else [0] * T
    elif starts // T > 0:
        drawn = np.random.randint(starts // T, size=T)  # noqa: NPY002
        first = [t * (starts // T) + r for t, r in enumerate(drawn)]
    elif n > T:
        first = sorted(np.random.randint(starts, size=T))  # noqa: NPY002
    else:
        first = [0] * T
    return [min(start + step, n - 1) for start in first for step in range(L)]


def authors_dense(n, T, start):
    return [(start + t * (64 // T)) % n for t in range(T)]


def authors_dense_train(n, T, seed=0):
    np.random.seed(seed)  # noqa: NPY002
    # NumPy's upper end is not drawn: the last start is never taken, nor drawn from at 64 frames.
    return authors_dense(n, T, np.random.randint(n - 64) if n > 64 else 0)  # noqa: NPY002


def authors_dense_test(n, T):
    starts = [i * max(n - 64, 0) // 9 for i in range(10)]
    return [index for start in starts for index in authors_dense(n, T, start)]


@FRAMES
@OFFSETS
def test_the_authors_training_and_validation(T, start_index):
    common = dict(type='SegmentSampleFrames', num_clips=T, short_videos='first_frame')
    for n in LENGTHS:
        for seed in range(3):
            assert sampled(n, start_index, seed, **common) == authors_train(n, T, seed)
        assert sampled(n, start_index, **common, test_mode=True) == authors_val(n, T)


@FRAMES
@OFFSETS
@pytest.mark.parametrize('L', [1, 2, 5])
@pytest.mark.parametrize('test_mode', [False, True])
def test_the_authors_stacks(T, start_index, L, test_mode):
    common = dict(type='SegmentSampleFrames', clip_len=L, num_clips=T, short_videos='first_frame')
    for n in range(1, 80):
        for seed in range(3):
            assert sampled(n, start_index, seed, **common, test_mode=test_mode) == authors_stacks(
                n, T, L, test_mode, seed
            ), n


@FRAMES
@OFFSETS
@pytest.mark.parametrize('sampler', ['SampleFrames', 'SegmentSampleFrames'])
def test_equal_to_the_authors_from_one_frame_a_segment_on(sampler, T, start_index):
    common = dict(type=sampler, clip_len=1, num_clips=T)
    for n in LENGTHS:
        test = sampled(n, start_index, **common, test_mode=True)
        assert test == authors_middle(n, T)  # their test, at all lengths
        assert n <= T or test == authors_val(n, T)
        if n >= T:
            assert sampled(n, start_index, **common) == authors_train(n, T)


@FRAMES
def test_short_videos_are_spread_in_order(T):
    for n in range(1, T):
        for test_mode in (False, True):
            indices = sampled(n, type='SegmentSampleFrames', num_clips=T, test_mode=test_mode)
            assert indices == sorted(indices)
            counts = np.bincount(indices, minlength=n)
            assert counts.min() >= T // n  # every frame is shown,
            assert counts.max() <= -(-T // n)  # and none much longer than another one


@FRAMES
def test_mmaction2_jumps_back_to_the_first_frame_of_very_short_videos(T):
    # If this ever fails, mmaction2 has changed, and docs/data_loading.md with it.
    jumps = []
    for n in range(1, T):
        indices = sampled(n, type='SampleFrames', clip_len=1, num_clips=T)
        if indices != sorted(indices):
            jumps.append(n)
    assert jumps == list(range(2, T // 2 + 1))


@FRAMES
@OFFSETS
def test_dense_sampling(T, start_index):
    common = dict(type='DenseSampleFrames', clip_len=1, num_clips=T)
    for n in LENGTHS:
        for seed in range(3):
            assert sampled(n, start_index, seed, **common) == authors_dense_train(n, T, seed)
        assert sampled(n, start_index, **common, test_mode=True) == authors_dense_test(n, T)


@FRAMES
@pytest.mark.parametrize('name', ['sthv1', 'sthv2', 'k400'])
def test_the_configs_sample_so(name, T):
    base = 'msnet_r50' if T == 8 else 'msnet_r50_16f'
    cfg = Config.fromfile(f'configs/{base}_{name}.py')
    for split in ('train', 'val', 'test'):
        (sampler,) = [
            t for t in cfg[f'{split}_dataloader'].dataset.pipeline if 'SampleFrames' in t.type
        ]
        for n in (T, 3 * T + 1, 200):
            if name == 'k400':
                expected = authors_dense_train if split == 'train' else authors_dense_test
            else:
                expected = authors_train if split == 'train' else authors_middle
            assert sampled(n, **sampler) == expected(n, T)


def test_wrong_argument():
    with pytest.raises(ValueError, match='short_videos'):
        TRANSFORMS.build(dict(type='SegmentSampleFrames', num_clips=8, short_videos='loop'))
