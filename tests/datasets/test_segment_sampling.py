import numpy as np
import pytest
import torch
from mmaction.registry import MODELS, TRANSFORMS
from mmaction.structures import ActionDataSample

from msnet_mmaction.datasets.samplers import SegmentSampleFrames, is_sampler


def random_clips(total_frames, where=None, **kwargs):
    """The frames of each clip, from 0: (M, T)."""
    sampler = dict(type='RandomClipsSampleFrames', clip_len=1, num_clips=4, test_mode=True)
    results = TRANSFORMS.build(sampler | kwargs)(
        dict(total_frames=total_frames, start_index=1, **(where or dict(frame_dir='data/a/17')))
    )
    assert results['num_clips'] == 4
    return results['frame_inds'].reshape(-1, 4) - 1


def test_each_clip_has_one_frame_at_random_of_each_segment():
    clips = random_clips(43, num_sample_positions=400)
    assert clips.shape == (400, 4)
    # As TSN and TSM: segments of 43 // 4 = 10 frames.
    for t in range(4):
        counts = np.bincount(clips[:, t], minlength=43)
        assert counts.nonzero()[0].tolist() == list(range(10 * t, 10 * t + 10))
        # Uniform: 400 draws among 10, each 40 on average with a deviation of 6.
        assert (abs(counts[10 * t : 10 * t + 10] - 40) < 24).all()
    # The segments are drawn independently.
    assert abs(np.corrcoef(clips.T) - np.eye(4)).max() < 0.2


@pytest.mark.parametrize('total_frames', [1, 2, 4, 5, 7])
def test_short_videos(total_frames):
    clips = random_clips(total_frames)
    assert clips.shape == (10, 4)
    assert clips.min() >= 0
    assert clips.max() < total_frames
    assert (np.diff(clips) >= 0).all()


def test_a_video_has_its_clips_whatever_came_before():
    first = random_clips(43)
    np.random.seed(5)  # noqa: NPY002
    random_clips(43, where=dict(frame_dir='data/a/18'))
    assert np.array_equal(random_clips(43), first)
    # Wherever it lies, as frames or as a file.
    for where in (dict(frame_dir='elsewhere/17'), dict(filename='videos/17.webm')):
        assert np.array_equal(random_clips(43, where=where), first)
    assert not np.array_equal(random_clips(43, where=dict(frame_dir='data/a/18')), first)
    assert not np.array_equal(random_clips(43, seed=1), first)
    assert len(np.unique(first, axis=0)) == 10


def test_the_global_generator_goes_on_undisturbed():
    np.random.seed(3)  # noqa: NPY002
    expected = np.random.random(2)  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    drawn = [np.random.random()]  # noqa: NPY002
    random_clips(43)
    drawn.append(np.random.random())  # noqa: NPY002
    assert drawn == expected.tolist()


def test_no_clips():
    with pytest.raises(ValueError, match='num_sample_positions'):
        random_clips(43, num_sample_positions=0)


def test_the_scores_of_the_clips_are_averaged():
    from mmengine.config import Config

    cfg = Config.fromfile('configs/demo/msnet_r18_motion.py')
    cfg.model.cls_head.average_clips = 'prob'
    model = MODELS.build(cfg.model).eval()
    clips = torch.randn(3, 4, 3, 32, 32)
    with torch.inference_mode():
        (video,) = model.predict(clips.flatten(0, 1)[None], [ActionDataSample()])
        each = [model.predict(clip[None], [ActionDataSample()])[0].pred_score for clip in clips]
    torch.testing.assert_close(video.pred_score, torch.stack(each).mean(0))
    assert not torch.allclose(each[0], each[1])


def stacks(total_frames, clip_len, num_clips=4, **kwargs):
    sampler = dict(type='SegmentSampleFrames', clip_len=clip_len, num_clips=num_clips)
    results = TRANSFORMS.build(sampler | dict(test_mode=True) | kwargs)(
        dict(total_frames=total_frames, start_index=0, frame_dir='17')
    )
    return results['frame_inds'].reshape(num_clips, clip_len)


@pytest.mark.parametrize('total_frames', [5, 8, 19, 44])
def test_stacks_start_in_the_middle_of_their_segments(total_frames):
    found = stacks(total_frames, clip_len=5)
    # TSM: tick = (frames - length + 1) / segments; int(tick / 2 + tick * t).
    tick = (total_frames - 4) / 4
    starts = [int(tick / 2 + tick * t) for t in range(4)]
    assert found.tolist() == [list(range(start, start + 5)) for start in starts]


def test_stacks_of_a_video_that_is_too_short_repeat_it():
    assert stacks(3, clip_len=5).tolist() == [[0, 1, 2, 0, 1]] * 4


def test_stacks_of_one_are_the_frames_that_mmaction2_tests_on():
    theirs = TRANSFORMS.build(dict(type='SampleFrames', clip_len=1, num_clips=4, test_mode=True))
    expected = theirs(dict(total_frames=27, start_index=0))['frame_inds']
    assert stacks(27, clip_len=1)[:, 0].tolist() == expected.tolist()


@pytest.mark.parametrize('clip_len', [1, 5])
@pytest.mark.parametrize('total_frames', [1, 2, 3, 5, 7, 8])
def test_the_segments_of_a_short_video_are_in_order_in_training(total_frames, clip_len):
    for _ in range(5):
        starts = stacks(total_frames, clip_len, num_clips=8, test_mode=False)[:, 0]
        assert (np.diff(starts) >= 0).all()
        assert starts.max() <= max(total_frames - clip_len, 0)


def test_training_takes_a_stack_inside_the_video_from_each_segment():
    seen = np.stack([stacks(27, clip_len=5, test_mode=False) for _ in range(50)])
    # The 23 stacks that fit, in segments of 5.
    interval = (27 - 5 + 1) // 4
    assert (seen[:, :, 0] // interval == np.arange(4)).all()
    assert seen.max() < 27


@pytest.mark.parametrize(
    ('kind', 'samples'),
    [
        ('SampleFrames', True),
        ('mmaction.DenseSampleFrames', True),
        ('UniformSample', True),
        ('UniformSampleFrames', True),
        (SegmentSampleFrames, True),
        ('UniformSampler', False),
        ('SampleAVAFramesOf', False),
        (None, False),
    ],
)
def test_what_samples_frames(kind, samples):
    assert is_sampler(dict(type=kind)) == samples
