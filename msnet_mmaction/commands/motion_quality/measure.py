"""The error of the motion that networks find, in generated clips and in real footage."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from torch import nn

from ...apis.video_motion import VideoMotion, motion_of_video
from ...datasets import DataError, VideoFrames
from ..demo.motion_data import displacement
from .errors import Errors
from .optical_flow import consistent, tvl1_flow

ZERO, TVL1 = 'zero motion', 'TV-L1'


class Quality(NamedTuple):
    """Errors of several estimates against one reference, at the positions of the layer's map.

    Attributes:
        errors: By the name of the estimate.
        position: Distance of two positions, in pixels: what a matching without sub-positions
            resolves.
        counted: Share of the positions that count.
        clips: Number of clips.
    """

    errors: dict[str, Errors]
    position: float
    counted: float
    clips: int

    def moving(self, least: float) -> 'Quality':
        """At the positions that truly move by so many pixels or more."""
        moves = _first(self.errors).length >= least
        return self._replace(
            errors={name: errors.where(moves) for name, errors in self.errors.items()},
            counted=self.counted * float(moves.mean()),
        )


def quality_on_generated(
    models: Mapping[str, nn.Module],
    root: Path,
    clips: int,
    layer: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Quality:
    """Errors against the true fields of generated clips, from the validation split.

    What leaves the frame has no match; such positions do not count.

    Args:
        models: Recognisers of one config, by name.
        root: Folder that :func:`msnet_mmaction.commands.demo.motion_data.generate` has written.
        clips: The most clips to look at, the first of the list.
        layer: Name of the layer; by default the only one.
        progress: Called after each clip, with how many are done, of how many.

    Raises:
        DataError: If this is no generated data set.
    """
    listing = root / 'val.txt'
    if not listing.is_file():
        raise DataError(f'{root} is no generated data set: there is no {listing.name} in it')
    names = [line.split()[0] for line in listing.read_text().splitlines()][:clips]
    found = _Collected()
    for number, name in enumerate(names):
        motions = {n: motion_of_video(m, root / name, _only(layer)) for n, m in models.items()}
        one = _first(motions)
        height, width = one.displacement.shape[2:]
        scale = _pixels_per_position(one)[:, None, None]
        truth = scale * np.stack(
            [displacement(root / name, *p, height, width) for p in pairwise(one.frame_indices)]
        )
        found.add(motions, truth, _stays(truth, one), {TVL1: tvl1_flow(one.frames)})
        progress(number + 1, len(names))
    return found.quality()


def quality_on_footage(
    models: Mapping[str, nn.Module],
    videos: Sequence[Path],
    gap: int,
    clips: int,
    layer: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Quality:
    """Differences from TV-L1 on real footage, where TV-L1 is consistent with itself.

    TV-L1 runs on the frames of the video in full size. It is no truth: it counts where, followed
    there and back, it returns to within a pixel and a hundredth of its length, which also leaves
    out cuts and most of what is hidden.

    Args:
        models: Recognisers of one config, by name.
        videos: Video files.
        gap: Distance in the video of one frame of a clip to the next.
        clips: The most clips of each video, evenly spread.
        layer: Name of the layer; by default the only one.
        progress: Called after each clip, with how many are done, of how many.

    Raises:
        DataError: If a video is too short, or TV-L1 is nowhere consistent.
    """
    found, done = _Collected(), 0
    for video in videos:
        length = len(VideoFrames(video))
        span = (_frames_of(_first(models)) - 1) * gap
        if span >= length:
            raise DataError(f'{video} has {length} frames: too few for clips of {span + 1}')
        starts = np.unique(np.linspace(0, length - 1 - span, clips).astype(int))
        for start in starts:
            indices = np.arange(start, start + span + 1, gap)
            motions = {
                n: motion_of_video(m, video, _only(layer), indices) for n, m in models.items()
            }
            one = _first(motions)
            original = motion_of_video(
                _first(models), video, _only(layer), indices, original_size=True
            ).frames
            forward, backward = tvl1_flow(original), tvl1_flow(original, backward=True)
            size = np.array(one.frames.shape[2:0:-1]) / original.shape[2:0:-1]
            reference = _at_positions(forward, one) * size[:, None, None]
            sure = _at_positions(consistent(forward, backward).astype(np.float32)[:, None], one)
            found.add(motions, reference, (sure[:, 0] == 1) & _stays(reference, one))
            done += 1
            progress(done, len(videos) * len(starts))
    return found.quality()


class _Collected:
    """Errors clip by clip."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Errors]] = defaultdict(list)
        self.shares: list[float] = []
        self.position = 0.0

    def add(
        self,
        motions: Mapping[str, VideoMotion],
        truth: np.ndarray,
        counts: np.ndarray,
        others: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        one = _first(motions)
        self.position = float(_pixels_per_position(one).mean())
        self.shares.append(counts.mean())
        for name, motion in motions.items():
            errors = Errors.of(motion.displacement, truth, counts, motion.confidence)
            self.parts[name].append(errors)
        for name, field in (others or {}).items():
            self.parts[name].append(Errors.of(_at_positions(field, one), truth, counts))
        self.parts[ZERO].append(Errors.of(np.zeros_like(truth), truth, counts))

    def quality(self) -> Quality:
        if not any(self.shares):
            raise DataError('there is nothing to measure: at no position the motion is known')
        return Quality(
            {name: Errors.joined(parts) for name, parts in self.parts.items()},
            self.position,
            float(np.mean(self.shares)),
            len(self.shares),
        )


def _stays(field: np.ndarray, motion: VideoMotion) -> np.ndarray:
    """Where a field (T - 1, 2, h, w) in pixels ends inside the frame, (T - 1, h, w)."""
    height, width = field.shape[2:]
    end = field / _pixels_per_position(motion)[:, None, None] + np.mgrid[:height, :width][::-1]
    limits = np.array([width, height])[:, None, None] - 0.5
    return ((end >= -0.5) & (end <= limits)).all(axis=1)


def _at_positions(field: np.ndarray, motion: VideoMotion) -> np.ndarray:
    """A field (T - 1, D, H, W) averaged over what each position of the layer's map stands for."""
    height, width = motion.displacement.shape[2:]
    return np.stack(
        [
            [cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA) for one in maps]
            for maps in field
        ]
    )


def _pixels_per_position(motion: VideoMotion) -> np.ndarray:
    return np.array(motion.frames.shape[2:0:-1]) / motion.displacement.shape[:1:-1]


def _frames_of(model: nn.Module) -> int:
    return model.num_segments


def _only(layer: str | None) -> list[str] | None:
    return None if layer is None else [layer]


def _first(by_name: Mapping) -> object:
    return next(iter(by_name.values()))
