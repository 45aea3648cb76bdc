"""Segment-based sampling of frames and of stacks of optical flow, one or several clips a video."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from mmaction.datasets.transforms import SampleFrames
from mmaction.registry import TRANSFORMS

from .errors import DataError


def is_sampler(transform: Mapping) -> bool:
    """Whether a transform of a config samples frames, by its ``type``.

    These are ``UniformSample`` and what is called ``...SampleFrames``, of mmaction2, of this
    package and of others.
    """
    kind = transform.get('type')
    name = kind if isinstance(kind, str) else getattr(kind, '__name__', '')
    return re.fullmatch(r'(\w+\.)*(\w*SampleFrames|UniformSample)', name) is not None


@TRANSFORMS.register_module()
class SegmentSampleFrames(SampleFrames):
    """mmaction2's ``SampleFrames`` by segments; the frames of short videos are in order too.

    It takes one stack of L frames from each of T segments of equal length of a video of n frames. L
    is 1 except for optical flow (Section 4.5, Table 6). In training the stack is random, as in
    mmaction2 and the authors' code. At test it is the middle one,
    ``floor((t + 1/2) * (n - L + 1) / T)``, as in TSM's code; mmaction2 spreads stacks (L > 1) from
    the first frame to the last.

    In training on a video too short for T segments, mmaction2 may end the clip with the first frame
    again, a jump back that is not in the video. docs/data_loading.md compares all three.

    Args:
        clip_len: L, the frames of a stack.
        short_videos: The rule for videos too short for T segments. ``spread`` takes the stacks
            evenly, in training as at test. ``first_frame`` repeats the first stack, as the authors
            of TSM and MotionSqueeze do in training if n <= T and n - L + 1 < T, and in validation
            if n - L + 1 <= T. If a video is shorter than a stack, they repeat the last frame; so
            does ``first_frame``, unless ``out_of_bound_opt`` is given.
        **kwargs: Arguments of ``SampleFrames``; ``num_clips`` is T.

    Raises:
        ValueError: If there is no such rule.
    """

    def __init__(self, clip_len: int = 1, short_videos: str = 'spread', **kwargs: Any) -> None:
        if short_videos not in ('spread', 'first_frame'):
            raise ValueError(
                f"short_videos must be 'spread' or 'first_frame', got {short_videos!r}"
            )
        if short_videos == 'first_frame':
            kwargs.setdefault('out_of_bound_opt', 'repeat_last')
        super().__init__(clip_len, **kwargs)
        self.short_videos = short_videos

    def transform(self, results: dict) -> dict:
        """Add ``frame_inds``, (T * L,).

        Raises:
            DataError: If ``total_frames`` is not set.
        """
        if 'total_frames' not in results:
            raise DataError(
                f'{results.get("filename") or results.get("frame_dir")}: its number of frames is '
                'not known where they are sampled. To read a video file with a pipeline of folders '
                "of frames, put dict(type='VideoInit') before the sampler and "
                "dict(type='VideoDecode') in the place of FrameFilesDecode"
            )
        return super().transform(results)

    def _sample_clips(self, num_frames: int, ori_clip_len: float) -> np.ndarray:
        if self.short_videos == 'first_frame' and self._is_short(num_frames, ori_clip_len):
            return np.zeros(self.num_clips, dtype=np.int64)
        return super()._sample_clips(num_frames, ori_clip_len)

    def _is_short(self, num_frames: int, ori_clip_len: float) -> bool:
        """Whether the authors' code takes the first stack of a video T times."""
        starts = num_frames - ori_clip_len + 1
        if self.test_mode:
            return starts <= self.num_clips
        # With T < n, it draws T starts at random and sorts them, as mmaction2.
        return starts < self.num_clips and num_frames <= self.num_clips

    def _get_test_clips(self, num_frames: int, ori_clip_len: float) -> np.ndarray:
        # A video shorter than a stack starts at 0; SampleFrames then repeats its frames.
        starts = max(num_frames - ori_clip_len + 1, 1)
        return np.floor((np.arange(self.num_clips) + 0.5) * starts / self.num_clips)

    def _get_train_clips(self, num_frames: int, ori_clip_len: float) -> np.ndarray:
        if num_frames <= self.num_clips and num_frames - ori_clip_len + 1 < self.num_clips:
            return self._get_test_clips(num_frames, ori_clip_len)
        return super()._get_train_clips(num_frames, ori_clip_len)


@TRANSFORMS.register_module()
class RandomClipsSampleFrames(SegmentSampleFrames):
    """Sample M random clips of a video, whose scores are averaged (Section 4.2, Table 1).

    Each clip is drawn as in training: one random frame of each of T segments of equal length. The
    clips depend on the seed, the name of the video without suffix, and its length only. So they are
    equal in every run, whatever the order of the videos, the worker or the folder.

    The M * T frames are in the order of the clips. The head averages the scores of the clips
    (``average_clips``).

    Args:
        num_sample_positions: M, named as in ``DenseSampleFrames``.
        seed: Seed of the clips.
        **kwargs: Arguments of ``SampleFrames``; ``num_clips`` is T. ``test_mode`` has no effect, so
            that a test can switch to this sampler by its ``type`` alone.

    Raises:
        ValueError: If M is not positive.
    """

    def __init__(self, num_sample_positions: int = 10, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, 'test_mode': False})
        if num_sample_positions < 1:
            raise ValueError(f'num_sample_positions must be positive, got {num_sample_positions}')
        self.num_sample_positions = num_sample_positions
        self.seed = seed

    def transform(self, results: dict) -> dict:
        """Add ``frame_inds`` of all clips, (M * T * clip_len,)."""
        name = Path(results['filename'] if 'filename' in results else results['frame_dir']).stem
        with _numpy_seeded(self.seed, *name.encode()):
            return super().transform(results)

    def _sample_clips(self, num_frames: int, ori_clip_len: float) -> np.ndarray:
        clips = [
            self._get_train_clips(num_frames, ori_clip_len)
            for _ in range(self.num_sample_positions)
        ]
        return np.concatenate(clips)

    def __repr__(self) -> str:
        return (
            f'{super().__repr__()[:-1]}, num_sample_positions={self.num_sample_positions}, '
            f'seed={self.seed})'
        )


@contextmanager
def _numpy_seeded(*seed: int) -> Iterator[None]:
    """Seed NumPy's global generator, which SampleFrames draws from, and restore it afterwards."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
