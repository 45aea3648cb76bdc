"""Sampling by segments where mmaction2 has none: for stacks of optical flow, and for many clips."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from mmaction.datasets.transforms import SampleFrames
from mmaction.registry import TRANSFORMS


@TRANSFORMS.register_module()
class SegmentSampleFrames(SampleFrames):
    """mmaction2's ``SampleFrames`` by segments, for stacks of optical flow as for frames.

    A stack of L flows belongs to the frame that it starts at (Section 4.5, Table 6), and that is
    sampled from one of T segments of equal length. In training that is a random frame of each, as
    mmaction2 does. Two things differ:

    - At test it is the middle one of each segment, as in TSM's code, where mmaction2 spreads
      stacks from the first frame to the last: ``floor((t + 1/2) * (num_frames - L + 1) / T)``.
    - A video too short for T segments, which flow at 3 frames a second often is, has them spread
      evenly in training too, where mmaction2 may end the clip with the first frame again.

    Args:
        **kwargs: As ``SampleFrames``; ``clip_len`` is L and ``num_clips`` T.
    """

    def _get_test_clips(self, num_frames: int, ori_clip_len: float) -> np.ndarray:
        # A video shorter than a stack starts at 0; SampleFrames then repeats its flows.
        starts = max(num_frames - ori_clip_len + 1, 1)
        return np.floor((np.arange(self.num_clips) + 0.5) * starts / self.num_clips)

    def _get_train_clips(self, num_frames: int, ori_clip_len: float) -> np.ndarray:
        if num_frames <= self.num_clips and num_frames - ori_clip_len + 1 < self.num_clips:
            return self._get_test_clips(num_frames, ori_clip_len)
        return super()._get_train_clips(num_frames, ori_clip_len)


@TRANSFORMS.register_module()
class RandomClipsSampleFrames(SegmentSampleFrames):
    """Sample M clips at random for a test whose scores are averaged (Section 4.2, Table 1).

    Each clip is drawn as one for training: a video is cut into T segments of equal length, and
    each gives a frame at random. A video has the same clips in every run, whatever the order, the
    worker or the folder it lies in: they follow from the seed, its name without suffix, and its
    length.

    The M * T frames follow each other clip by clip, and the head averages what it says of each
    clip (``average_clips``).

    Args:
        num_sample_positions: M, the clips of a video, named as in ``DenseSampleFrames``.
        seed: Seed of the clips; another one draws others.
        **kwargs: As ``SampleFrames``, where ``num_clips`` is T. ``test_mode`` changes nothing, so
            that any config's test can be told to use this sampler by its ``type`` alone.
    """

    def __init__(self, num_sample_positions: int = 10, seed: int = 0, **kwargs) -> None:
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
