"""Clips of a video as a test pipeline gives them to a network, and their original frames."""

import re
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mmengine.dataset import Compose

from ..errors import DataError
from ..samplers import is_sampler
from .frame_files import read_frame_file
from .video import open_video

_DECODER = re.compile(r'(Init|Decode)$')
_CROPS = ('ThreeCrop', 'TenCrop')
PICTURE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp')


class VideoFrames:
    """The frames of a video file or of a folder of pictures, numbered from 0.

    Args:
        path: A video, or a folder whose pictures, sorted by name, are the frames.

    Raises:
        FileNotFoundError: If there is no such file or folder.
        DataError: If it is not a video, or has fewer than two frames.
    """

    def __init__(self, path: str | PathLike) -> None:
        self.path = Path(path)
        self._files: list[Path] | None = None
        self._count: int
        self.fps: float | None = None
        if not self.path.exists():
            raise FileNotFoundError(f'{self.path}: no such video, nor folder of frames')
        if self.path.is_dir():
            self._files = sorted(
                p for p in self.path.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES
            )
            self._count = len(self._files)
            if not self._files:
                names = sorted(p.name for p in self.path.iterdir())
                kinds = ', '.join(PICTURE_SUFFIXES)
                raise DataError(
                    f'{self.path} is a folder without pictures ({kinds}); in it are '
                    f'{", ".join(names[:3]) or "no files"}{", …" if len(names) > 3 else ""}. A '
                    'folder holds the frames of one video: of videos, give the files themselves'
                )
        else:
            self._video = open_video(self.path.read_bytes(), str(self.path))
            self._count, self.fps = self._video.num_frames, self._video.frame_rate
        if self._count < 2:
            raise DataError(f'{self.path} has {self._count} frames: motion needs two')

    def __len__(self) -> int:
        return self._count

    def read(self, indices: Sequence[int] | np.ndarray) -> list[np.ndarray]:
        """Frames, each uint8 RGB (H, W, 3).

        Raises:
            DataError: If a number is not that of a frame, or a frame can't be decoded.
        """
        numbers = [int(index) for index in indices]
        if not all(0 <= number < len(self) for number in numbers):
            raise DataError(
                f'{self.path} has {len(self)} frames, numbered from 0: there are no frames '
                f'{numbers}'
            )
        if self._files is not None:
            return [read_frame_file(self._files[number]) for number in numbers]
        distinct = list(dict.fromkeys(numbers))
        try:
            frames = dict(zip(distinct, self._video.read(distinct), strict=True))
        except Exception as error:
            raise DataError(f'{self.path}: frames {numbers} cannot be decoded: {error}') from error
        return [frames[number] for number in numbers]


class Clip(NamedTuple):
    """The T frames of one input of a network.

    Attributes:
        inputs: Result of the pipeline, for mmengine's ``pseudo_collate``.
        frames: The frames of the network's input, uint8 RGB (T, H, W, 3).
        originals: The same part of the original frames, uint8 RGB (T, H', W', 3).
        frame_indices: Their numbers in the video, (T,).
    """

    inputs: dict
    frames: np.ndarray
    originals: np.ndarray
    frame_indices: np.ndarray


def divide_pipeline(pipeline: Sequence[Mapping]) -> tuple[Mapping, list[Mapping]]:
    """The sampler of a test pipeline, and the transforms that follow the decoding.

    Raises:
        ValueError: If it does not sample frames and decode them.
    """
    types = [step['type'] for step in pipeline]
    last_decoder = max((i for i, t in enumerate(types) if _DECODER.search(t)), default=-1)
    samplers = [step for step in pipeline if is_sampler(step)]
    if last_decoder < 0 or len(samplers) != 1:
        raise ValueError(
            'the test pipeline must sample frames and decode them; its transforms are '
            f'{", ".join(types)}'
        )
    return samplers[0], [step for step in pipeline[last_decoder + 1 :] if step is not samplers[0]]


class ClipReader:
    """Reads clips as a test pipeline does, one at a time.

    Of several clips of the pipeline it reads the first, of several crops the central one. It has
    its own decoder, so that a pipeline of folders of frames reads video files too, and vice versa.

    Args:
        pipeline: The transforms of a config's ``test_dataloader``.
        num_frames: T; by default the ``clip_len`` of the pipeline's sampler, as in 3D networks.

    Raises:
        ValueError: If the pipeline has no decoder, or not one sampler.
    """

    def __init__(self, pipeline: Sequence[Mapping], num_frames: int | None = None) -> None:
        sampler, transforms = divide_pipeline(pipeline)
        steps = [
            dict(type='CenterCrop', crop_size=step['crop_size']) if step['type'] in _CROPS else step
            for step in transforms
        ]
        self._sampler = Compose([sampler])
        self._transforms, self._pack = Compose(steps[:-1]), Compose(steps[-1:])
        self._clip_len = sampler.get('clip_len', 1)
        self.num_frames = num_frames or self._clip_len

    def sample(self, video: VideoFrames) -> np.ndarray:
        """Numbers of the T frames that the pipeline samples of a video."""
        sampled = self._sampler(
            dict(
                filename=str(video.path),
                total_frames=len(video),
                start_index=0,
                avg_fps=video.fps,
                modality='RGB',
            )
        )
        return np.asarray(sampled['frame_inds'])[: self.num_frames]

    def read(self, video: VideoFrames, frame_indices: Sequence[int] | np.ndarray) -> Clip:
        """Read a clip.

        Raises:
            ValueError: If these are not T frames.
            DataError: If the video has no such frames.
        """
        if len(frame_indices) != self.num_frames:
            raise ValueError(
                f'the network takes {self.num_frames} frames, got frame_indices='
                f'{list(frame_indices)}'
            )
        originals = video.read(frame_indices)
        one_clip = self._clip_len > 1
        sample = self._transforms(
            dict(
                filename=str(video.path),
                label=-1,
                modality='RGB',
                start_index=0,
                total_frames=len(video),
                frame_inds=np.asarray(frame_indices),
                clip_len=self.num_frames if one_clip else 1,
                num_clips=1 if one_clip else self.num_frames,
                imgs=list(originals),
                original_shape=originals[0].shape[:2],
                img_shape=originals[0].shape[:2],
            )
        )
        images = sample['imgs']  # (T, C, H, W), or (1, C, T, H, W) of a 3D network
        frames = (
            images.transpose(0, 2, 3, 1) if images.ndim == 4 else images[0].transpose(1, 2, 3, 0)
        )
        return Clip(
            inputs=self._pack(sample),
            frames=np.ascontiguousarray(frames),
            originals=_cut(np.stack(originals), sample.get('crop_quadruple', (0, 0, 1, 1))),
            frame_indices=np.asarray(frame_indices),
        )


def _cut(frames: np.ndarray, part: Sequence[float]) -> np.ndarray:
    """Crop frames (T, H, W, 3) to a part (x, y, width, height), given in shares of the frame."""
    height, width = frames.shape[1:3]
    left, right = np.rint(np.array([part[0], part[0] + part[2]]) * width).astype(int)
    top, bottom = np.rint(np.array([part[1], part[1] + part[3]]) * height).astype(int)
    return frames[:, top:bottom, left:right]
