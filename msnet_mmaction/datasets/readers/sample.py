"""Samples of a test pipeline from videos, folders, arrays or streams."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from mmengine.dataset import Compose

from .clip import divide_pipeline
from .results import set_images


class Frames(Protocol):
    """Frames by their numbers from 0, such as :class:`.clip.VideoFrames`."""

    @property
    def path(self) -> object:
        """What they are called."""

    @property
    def fps(self) -> float | None:
        """Frames a second; None if nothing tells."""

    def __len__(self) -> int: ...

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Frames, each uint8 RGB (H, W, 3)."""


class ArrayFrames:
    """The frames of an array.

    Args:
        frames: uint8 RGB (T, H, W, 3), or as many pictures (H, W, 3) of one size.
        path: What they are called.
        fps: Frames a second; None if nothing tells.

    Raises:
        ValueError: If it is no such array.
    """

    def __init__(
        self, frames: np.ndarray | Sequence[np.ndarray], path: str, fps: float | None = None
    ) -> None:
        self._frames = np.asarray(frames)
        if self._frames.ndim != 4 or self._frames.shape[-1] != 3 or not len(self._frames):
            raise ValueError(
                f'{path}: frames are an array (T, H, W, 3) of RGB, not {self._frames.shape}'
            )
        if self._frames.dtype != np.uint8:
            raise ValueError(f'{path}: frames are uint8, 0 to 255, not {self._frames.dtype}')
        self.path, self.fps = path, fps

    def __len__(self) -> int:
        return len(self._frames)

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Frames, copied: transforms may work in place."""
        return [self._frames[index].copy() for index in indices]


class Sample(NamedTuple):
    """The input of a network for a video.

    Attributes:
        inputs: Result of the pipeline, for mmengine's ``pseudo_collate``.
        frame_indices: Indices of the frames, clip by clip.
    """

    inputs: dict
    frame_indices: np.ndarray


class SampleReader:
    """Reads samples as a test pipeline does, with all its clips and crops.

    It has its own decoder, so that a pipeline of folders of frames reads video files too, and vice
    versa.

    Args:
        pipeline: The transforms of a config's ``test_dataloader``.
        clips: Number of clips of a video; by default that of the pipeline.
        crops: Number of crops of a frame, 1, 3 or 10; by default that of the pipeline.

    Raises:
        ValueError: If the pipeline cannot have so many clips or crops.
    """

    def __init__(
        self, pipeline: Sequence[Mapping], clips: int | None = None, crops: int | None = None
    ) -> None:
        sampler, transforms = divide_pipeline(pipeline)
        if clips is not None:
            sampler = _with_clips(sampler, clips)
        if crops is not None:
            transforms = _with_crops(transforms, crops)
        self._sampler, self._transforms = Compose([sampler]), Compose(transforms)

    def sample(self, num_frames: int, path: object = '', fps: float | None = None) -> dict:
        """What the pipeline samples of so many frames: ``frame_inds`` and what goes with it."""
        return self._sampler(
            dict(
                filename=str(path),
                frame_dir=str(path),
                total_frames=num_frames,
                start_index=0,
                avg_fps=fps,
                label=-1,
                modality='RGB',
            )
        )

    def transform(self, sampled: dict, images: list[np.ndarray]) -> Sample:
        """The sample of images, one for each of the ``frame_inds``, which may be worked on."""
        indices = np.ravel(sampled['frame_inds'])
        results = dict(sampled)
        set_images(results, images)
        return Sample(self._transforms(results), indices)

    def read(self, frames: Frames) -> Sample:
        """Read a sample.

        Raises:
            DataError: If a frame can't be read.
        """
        sampled = self.sample(len(frames), frames.path, frames.fps)
        indices = np.ravel(sampled['frame_inds']).tolist()
        distinct = sorted(set(indices))
        images = dict(zip(distinct, frames.read(distinct), strict=True))
        return self.transform(sampled, one_each(indices, images))


def one_each(indices: Sequence[int], images: Mapping[int, np.ndarray]) -> list[np.ndarray]:
    """An image for each index; one that is shown again is a copy."""
    seen: set[int] = set()
    found = []
    for index in indices:
        found.append(images[index].copy() if index in seen else images[index])
        seen.add(index)
    return found


def _with_clips(sampler: Mapping, clips: int) -> Mapping:
    """The sampler told to take so many clips of a video."""
    if clips < 1:
        raise ValueError(f'the number of clips must be positive, got {clips}')
    kind = str(sampler['type']).rpartition('.')[2]
    if kind in ('DenseSampleFrames', 'RandomClipsSampleFrames'):
        return dict(sampler, num_sample_positions=clips)
    if kind == 'SegmentSampleFrames':
        if clips == 1:
            return sampler
        others = {key: value for key, value in sampler.items() if key != 'test_mode'}
        return dict(others, type='RandomClipsSampleFrames', num_sample_positions=clips)
    if sampler.get('clip_len', 1) > 1:
        return dict(sampler, num_clips=clips)
    raise ValueError(f'{kind} takes one clip of a video: it cannot be told to take {clips}')


def _with_crops(transforms: Sequence[Mapping], crops: int) -> list[Mapping]:
    """The transforms with another number of crops in the place of their crop."""
    kinds = {1: 'CenterCrop', 3: 'ThreeCrop', 10: 'TenCrop'}
    if crops not in kinds:
        raise ValueError(f'there are 1, 3 or 10 crops of a frame, not {crops}')
    places = [i for i, step in enumerate(transforms) if step['type'] in kinds.values()]
    if len(places) != 1:
        raise ValueError(
            f'the test pipeline has no crop that {crops} crops could take the place of; its '
            f'transforms are {", ".join(step["type"] for step in transforms)}'
        )
    (place,) = places
    size = transforms[place]['crop_size']
    found = [*transforms[:place], dict(type=kinds[crops], crop_size=size), *transforms[place + 1 :]]
    if crops == 3:
        # They lie beside each other in frames whose shorter side is theirs.
        resized = [i for i, step in enumerate(found[:place]) if step['type'] == 'Resize']
        if resized and isinstance(size, int):
            found[resized[-1]] = dict(type='Resize', scale=(-1, size))
    return found
