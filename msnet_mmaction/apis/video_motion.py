"""The motion that a network finds in videos."""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import NamedTuple

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from torch import nn

from ..datasets import Clip, ClipReader, DataError, VideoFrames
from ..models.layers import motion_layers, record_motion


class Motion(NamedTuple):
    """The motion that a layer found between adjacent frames, in pixels.

    Attributes:
        displacement: (T - 1, 2, h, w), x then y, in pixels of the frames beside it.
        confidence: (T - 1, h, w); None if the layer can't say.
        backward: Whether it is from each frame to the one before, not to the one after.
    """

    displacement: np.ndarray
    confidence: np.ndarray | None
    backward: bool


class VideoMotion(NamedTuple):
    """The motion that a network found between frames of a video.

    Attributes:
        frames: uint8 RGB (T, H, W, 3).
        frame_indices: Their numbers in the video, (T,).
        motions: By the name of the layer; of a backward displacement, the name and ``(backward)``.
        label: The predicted class.
        score: Its probability.
    """

    frames: np.ndarray
    frame_indices: np.ndarray
    motions: dict[str, Motion]
    label: int
    score: float

    @property
    def displacement(self) -> np.ndarray:
        """That of the first layer."""
        return next(iter(self.motions.values())).displacement

    @property
    def confidence(self) -> np.ndarray | None:
        """That of the first layer."""
        return next(iter(self.motions.values())).confidence


def motion_of_video(
    model: nn.Module,
    video: str | PathLike,
    layers: Sequence[str] | None = None,
    frame_indices: Sequence[int] | None = None,
    original_size: bool = False,
    pipeline: Sequence[Mapping] | None = None,
) -> VideoMotion:
    """Run a recogniser on one clip of a video and keep the motion that its layers find.

    Args:
        model: A recogniser in evaluation, such as :func:`msnet_mmaction.apis.load_recognizer`
            returns.
        video: Path of a video file, or of a folder of frames.
        layers: Names of layers that estimate motion; all by default.
        frame_indices: Numbers of the T frames to look at; by default those that the test pipeline
            samples.
        original_size: Whether frames and pixels are those of the video, cut to what the network
            sees, and not those of the network's input.
        pipeline: The transforms that read the video, see :class:`.ClipReader`; by default those of
            ``model.cfg.test_dataloader``.

    Raises:
        FileNotFoundError: If there is no such video.
        DataError: If it can't be read, or has no such frames.
        ValueError: If there is no such layer, or if these are not T frames.
    """
    reader = _reader(model, layers, pipeline)
    frames = VideoFrames(video)
    if frame_indices is None:
        frame_indices = reader.sample(frames)
    clip = reader.read(frames, frame_indices)
    found, scores = _run(model, clip, layers, original_size)
    return _joined([found], scores)


def motion_along_video(
    model: nn.Module,
    video: str | PathLike,
    layers: Sequence[str] | None = None,
    step: int = 1,
    max_frames: int = 100,
    original_size: bool = False,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> VideoMotion:
    """Find the motion along a whole video, clip by clip, each beginning where the last one ended.

    Args:
        model: As in :func:`motion_of_video`.
        video: As there.
        layers: As there.
        step: Distance in the video of one frame to the next that is looked at.
        max_frames: The most frames to look at, from the video's beginning.
        original_size: As in :func:`motion_of_video`.
        progress: Called after each clip, with how many are done, of how many.

    Raises:
        FileNotFoundError: If there is no such video.
        DataError: If it can't be read, or has not T frames at this step.
        ValueError: If there is no such layer.
    """
    reader = _reader(model, layers)
    frames = VideoFrames(video)
    indices = np.arange(0, len(frames), step)[:max_frames]
    pairs = reader.num_frames - 1
    if len(indices) <= pairs:
        raise DataError(
            f'{video} has {len(frames)} frames, {len(indices)} at a step of {step} and at most '
            f'{max_frames}: the network takes {reader.num_frames}'
        )
    # The last clip ends with the last frame: of what it shares with the one before, it adds none.
    starts = [*range(0, len(indices) - 1 - pairs, pairs), len(indices) - 1 - pairs]
    found, scores, done = [], [], 0
    for number, start in enumerate(starts):
        clip = reader.read(frames, indices[start : start + pairs + 1])
        motion, score = _run(model, clip, layers, original_size)
        found.append(_from_pair(motion, done - start))
        scores.append(score)
        done = start + pairs
        progress(number + 1, len(starts))
    return _joined(found, np.mean(scores, axis=0))


class _ClipMotion(NamedTuple):
    """Of one clip, as :class:`VideoMotion`."""

    frames: np.ndarray
    frame_indices: np.ndarray
    motions: dict[str, Motion]


def _reader(
    model: nn.Module, layers: Sequence[str] | None, pipeline: Sequence[Mapping] | None = None
) -> ClipReader:
    """A reader of the clips that the model takes, whose length the layers of a 2D network know."""
    one = next(iter(motion_layers(model, layers).values()))
    if pipeline is None:
        pipeline = model.cfg.test_dataloader.dataset.pipeline
    return ClipReader(pipeline, one.num_segments)


def _run(
    model: nn.Module, clip: Clip, layers: Sequence[str] | None, original_size: bool
) -> tuple[_ClipMotion, np.ndarray]:
    """The motion in a clip, and the probabilities of the classes."""
    with torch.no_grad(), record_motion(model, layers) as records:
        (prediction,) = model.test_step(pseudo_collate([clip.inputs]))
    frames = clip.originals if original_size else clip.frames
    motions, strides = {}, set()
    for layer, fields in records.items():
        for direction, field in fields.items():
            backward = direction == 'backward'
            name = f'{layer} (backward)' if backward else layer
            confidence = field.confidence
            motions[name] = Motion(
                field.in_pixels(*frames.shape[1:3])[0].float().cpu().numpy(),
                None if confidence is None else confidence[0].float().cpu().numpy(),
                backward,
            )
            strides.add(len(frames) // (field.displacement.shape[1] + 1))
    if len(strides) > 1:
        raise ValueError(f'the layers {", ".join(records)} see other frames: look at one by one')
    # A 3D network may have left frames out before the layer.
    (stride,) = strides
    return (
        _ClipMotion(frames[::stride], clip.frame_indices[::stride], motions),
        prediction.pred_score.float().cpu().numpy(),
    )


def _from_pair(clip: _ClipMotion, first: int) -> _ClipMotion:
    """Without the frames before one."""
    motions = {
        name: motion._replace(
            displacement=motion.displacement[first:],
            confidence=None if motion.confidence is None else motion.confidence[first:],
        )
        for name, motion in clip.motions.items()
    }
    return _ClipMotion(clip.frames[first:], clip.frame_indices[first:], motions)


def _joined(clips: Sequence[_ClipMotion], scores: np.ndarray) -> VideoMotion:
    """Clips each of which begins with the frame that ended the one before."""
    first, *others = clips
    motions = {
        name: Motion(
            np.concatenate([clip.motions[name].displacement for clip in clips]),
            None
            if motion.confidence is None
            else np.concatenate([clip.motions[name].confidence for clip in clips]),
            motion.backward,
        )
        for name, motion in first.motions.items()
    }
    return VideoMotion(
        frames=np.concatenate([first.frames, *(clip.frames[1:] for clip in others)]),
        frame_indices=np.concatenate(
            [first.frame_indices, *(clip.frame_indices[1:] for clip in others)]
        ),
        motions=motions,
        label=int(scores.argmax()),
        score=float(scores.max()),
    )
