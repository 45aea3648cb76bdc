"""Segment-based sampling, in order also where a video has fewer frames than the clip."""

import numpy as np
from mmaction.datasets.transforms import SampleFrames
from mmaction.registry import TRANSFORMS


@TRANSFORMS.register_module()
class OrderedSampleFrames(SampleFrames):
    """mmaction2's ``SampleFrames`` of one frame a segment, in order for short videos too.

    A video of at least ``num_clips`` frames is sampled as mmaction2 and the authors' code do. In
    training on one with half of that or fewer, mmaction2 ends the clip with the first frame again:
    a jump back that the video does not hold. docs/data_loading.md compares all three.

    Args:
        num_clips: Number of segments, T.
        clip_len: Frames a segment: 1.
        short_videos: What the clip of a video with fewer than T frames is. ``spread`` holds its
            frames evenly, in training as at test. ``first_frame`` repeats its first one, as the
            authors of TSM and MotionSqueeze in training and validation, where they do so for a
            video of T frames as well.
        test_mode: The middle of each segment instead of a random frame of it.
    """

    def __init__(
        self,
        num_clips: int,
        clip_len: int = 1,
        short_videos: str = 'spread',
        test_mode: bool = False,
    ) -> None:
        if clip_len != 1:
            raise ValueError(f'clip_len must be 1, one frame a segment, got {clip_len}')
        if short_videos not in ('spread', 'first_frame'):
            raise ValueError(
                f"short_videos must be 'spread' or 'first_frame', got {short_videos!r}"
            )
        super().__init__(clip_len, num_clips=num_clips, test_mode=test_mode)
        self.short_videos = short_videos

    def _sample_clips(self, num_frames: int, ori_clip_len: float) -> np.ndarray:
        if self.short_videos == 'first_frame':
            if num_frames < self.num_clips + self.test_mode:
                return np.zeros(self.num_clips, dtype=np.int64)
        elif num_frames < self.num_clips:
            return self._get_test_clips(num_frames, ori_clip_len)
        return super()._sample_clips(num_frames, ori_clip_len)
