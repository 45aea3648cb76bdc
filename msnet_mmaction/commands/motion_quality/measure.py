"""The error of the motion that networks estimate, in generated clips and in real footage."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import cv2
import numpy as np
import torch
from mmengine.model import BaseModel

from ...apis.video_motion import VideoMotion, motion_of_video
from ...datasets import DataError, VideoFrames
from ...structures import MotionField
from ..demo.motion_data import true_field
from .errors import Errors
from .optical_flow import forward_backward_consistent, tvl1_flow

ZERO, TVL1 = 'zero motion', 'TV-L1'
T = TypeVar('T')


class Quality(NamedTuple):
    """Errors of several estimates against one reference, at the valid positions of a layer's map.

    Attributes:
        errors: By the name of the estimate.
        pixels_per_position: Distance of two positions of the map, in pixels: an estimate that is
            off by less is an inlier.
        valid_share: Share of the positions at which the reference is known.
        clips: Number of clips.
    """

    errors: dict[str, Errors]
    pixels_per_position: float
    valid_share: float
    clips: int

    def moving(self, least: float) -> 'Quality':
        """At the positions whose true displacement is at least so many pixels long."""
        moves = _first(self.errors).magnitude >= least
        return self._replace(
            errors={name: errors.select(moves) for name, errors in self.errors.items()},
            valid_share=self.valid_share * float(moves.mean()),
        )


def quality_on_generated(
    models: Mapping[str, BaseModel],
    root: Path,
    clips: int,
    layer: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Quality:
    """Errors against the true fields of generated clips, from the validation split.

    Positions whose content leaves the frame have no match and are left out.

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
        truth = true_field(root / name, one.frame_indices, *_map_size(one))
        flow = _averaged(tvl1_flow(one.frames), *_map_size(one))
        found.add(motions, truth, _stays(truth), {TVL1: flow})
        progress(number + 1, len(names))
    return found.quality()


def quality_on_footage(
    models: Mapping[str, BaseModel],
    videos: Sequence[Path],
    gap: int,
    clips: int,
    layer: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Quality:
    """Differences from TV-L1 on real footage, where TV-L1 is forward-backward consistent.

    TV-L1 runs on the frames of the video in full size. It is not the truth. Positions where
    forward and backward flow disagree are left out, such as cuts and most occlusions.

    Args:
        models: Recognisers of one config, by name.
        videos: Video files.
        gap: Every how many frames of the video a clip has one.
        clips: The most clips of each video, evenly spread.
        layer: Name of the layer; by default the only one.
        progress: Called after each clip, with how many are done, of how many.

    Raises:
        DataError: If a video is too short, or TV-L1 is nowhere consistent.
    """
    found, done = _Collected(), 0
    for video in videos:
        length = len(VideoFrames(video))
        span = (_first(models).num_segments - 1) * gap
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
            reference = _averaged(forward, *_map_size(one))
            consistent = forward_backward_consistent(forward, backward).astype(np.float32)
            share = _averaged_maps(consistent[:, None], *_map_size(one))[:, 0]
            found.add(motions, reference, (share == 1) & _stays(reference))
            done += 1
            progress(done, len(videos) * len(starts))
    return found.quality()


class _Collected:
    """Errors clip by clip."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Errors]] = defaultdict(list)
        self.valid_shares: list[float] = []
        self.pixels_per_position = 0.0

    def add(
        self,
        motions: Mapping[str, VideoMotion],
        truth: MotionField,
        valid: np.ndarray,
        others: Mapping[str, MotionField] | None = None,
    ) -> None:
        """Add the errors of one clip, in pixels of its frames.

        Args:
            motions: The estimates of networks, by name.
            truth: The reference, on the map of the layer.
            valid: Where it is known, bool (T - 1, h, w).
            others: Fields of other estimates on the same map.
        """
        size = _first(motions).frames.shape[1:3]
        scale = np.array(size) / truth.displacement.shape[2:]
        self.pixels_per_position = float(scale.mean())
        self.valid_shares.append(valid.mean())
        true_pixels = truth.in_pixels(*size).numpy()
        for name, motion in motions.items():
            errors = Errors.of(motion.displacement, true_pixels, valid, motion.confidence)
            self.parts[name].append(errors)
        for name, field in (others or {}).items():
            self.parts[name].append(Errors.of(field.in_pixels(*size).numpy(), true_pixels, valid))
        self.parts[ZERO].append(Errors.of(np.zeros_like(true_pixels), true_pixels, valid))

    def quality(self) -> Quality:
        if not any(self.valid_shares):
            raise DataError('there is nothing to measure: at no position the motion is known')
        return Quality(
            {name: Errors.concatenate(parts) for name, parts in self.parts.items()},
            self.pixels_per_position,
            float(np.mean(self.valid_shares)),
            len(self.valid_shares),
        )


def _stays(field: MotionField) -> np.ndarray:
    """Where a displacement ends inside the frame, bool (T - 1, h, w)."""
    height, width = field.displacement.shape[2:]
    end = field.displacement.numpy() + np.mgrid[:height, :width][::-1]
    limits = np.array([width, height])[:, None, None] - 0.5
    return np.all((end >= -0.5) & (end <= limits), axis=1)


def _averaged(flow: np.ndarray, height: int, width: int) -> MotionField:
    """A flow (T - 1, 2, H, W), in pixels, averaged over each position of a smaller map."""
    means = torch.from_numpy(_averaged_maps(flow, height, width))
    # From pixels of the flow to positions of the map.
    scale = means.new_tensor([width / flow.shape[3], height / flow.shape[2]])
    return MotionField(means * scale[:, None, None])


def _averaged_maps(maps: np.ndarray, height: int, width: int) -> np.ndarray:
    """Means of (T - 1, D, H, W) over the area of each position, (T - 1, D, height, width)."""
    return np.stack(
        [
            [cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA) for one in pair]
            for pair in maps
        ]
    )


def _map_size(motion: VideoMotion) -> tuple[int, int]:
    """Height and width of the layer's map."""
    height, width = motion.displacement.shape[2:]
    return height, width


def _only(layer: str | None) -> list[str] | None:
    return None if layer is None else [layer]


def _first(by_name: Mapping[str, T]) -> T:
    return next(iter(by_name.values()))
