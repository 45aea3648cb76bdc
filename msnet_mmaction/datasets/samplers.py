"""Segment-based sampling: of frames and of stacks of optical flow, of one clip and of many."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

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
    """mmaction2's ``SampleFrames`` by segments, in order also where a video is short.

    Of a video of n frames it takes one stack of L frames from each of T segments of equal length
    (L is 1 but for optical flow, Section 4.5, Table 6): a random one in training, as mmaction2 and
    the authors do; the middle one at test, ``floor((t + 1/2) * (n - L + 1) / T)``, as in TSM's
    code, where mmaction2 spreads stacks (L > 1) from the first frame to the last.

    In training on a video too short for T segments, mmaction2 may end the clip with the first frame
    again: a jump back that the video does not hold. docs/data_loading.md compares all three.

    Args:
        clip_len: L, the frames of a stack.
        short_videos: What the clip of a video too short for T segments is. ``spread`` takes what it
            has evenly, in training as at test. ``first_frame`` repeats its first stack, as the
            authors of TSM and MotionSqueeze do in training if n <= T and n - L + 1 < T, and in
            validation if n - L + 1 <= T. Of a video shorter than a stack they repeat the last
            frame; so does ``first_frame`` if ``out_of_bound_opt`` is not given.
        **kwargs: As ``SampleFrames``; ``num_clips`` is T.
    """

    def __init__(self, clip_len: int = 1, short_videos: str = 'spread', **kwargs) -> None:
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
            DataError: If nothing says how many frames the video has.
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
        """Whether the authors take the first stack of a video T times."""
        starts = num_frames - ori_clip_len + 1
        if self.test_mode:
            return starts <= self.num_clips
        # With T < n, they draw T starts at random and sort them, as mmaction2.
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
