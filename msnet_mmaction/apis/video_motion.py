"""The motion that a network estimates in videos."""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import NamedTuple

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmengine.model import BaseModel

from ..datasets import Clip, ClipReader, DataError, VideoFrames
from ..models.layers import fields_of_clip, motion_layers, record_motion
from ..structures import MotionField


class VideoMotion(NamedTuple):
    """The motion that a network estimates between frames of a video.

    Attributes:
        frames: uint8 RGB (T, H, W, 3).
        frame_indices: Indices of the frames in the video, (T,).
        fields: Fields of all layers and directions, with displacements (T - 1, 2, h, w), float32 on
            the CPU. The key is the name of the layer, or ``<layer> (backward)`` for a backward
            field.
        scores: Probability of each class, (K,).
    """

    frames: np.ndarray
    frame_indices: np.ndarray
    fields: dict[str, MotionField]
    scores: np.ndarray

    @property
    def label(self) -> int:
        """The predicted class."""
        return int(self.scores.argmax())

    @property
    def score(self) -> float:
        """Probability of the predicted class."""
        return float(self.scores.max())

    @property
    def displacement(self) -> np.ndarray:
        """Displacement of the first field, (T - 1, 2, h, w), x then y, in pixels of ``frames``."""
        return self._first.in_pixels(*self.frames.shape[1:3]).numpy()

    @property
    def confidence(self) -> np.ndarray | None:
        """Confidence of the first field, (T - 1, h, w); None if the layer estimates none."""
        confidence = self._first.confidence
        return None if confidence is None else confidence.numpy()

    @property
    def _first(self) -> MotionField:
        return next(iter(self.fields.values()))


def motion_of_video(
    model: BaseModel,
    video: str | PathLike,
    layers: Sequence[str] | None = None,
    frame_indices: Sequence[int] | np.ndarray | None = None,
    original_size: bool = False,
    pipeline: Sequence[Mapping] | None = None,
) -> VideoMotion:
    """Run a recogniser on one clip of a video and return the motion that its layers estimate.

    Args:
        model: A recogniser in evaluation mode, such as :func:`msnet_mmaction.apis.load_recognizer`
            returns.
        video: Path of a video file, or of a folder of frames.
        layers: Names of layers that estimate motion; all by default.
        frame_indices: Indices of the T frames; by default those that the test pipeline samples.
        original_size: Whether the frames are returned in the size of the video, cut to what the
            network sees, and not in the size of the network's input.
        pipeline: The transforms that read the video, see :class:`.ClipReader`; by default those of
            ``model.cfg.test_dataloader``.

    Raises:
        FileNotFoundError: If there is no such video.
        DataError: If it can't be read, or has no such frames.
        ValueError: If there is no such layer, or ``frame_indices`` are not T.
    """
    reader = _reader(model, layers, pipeline)
    frames = VideoFrames(video)
    if frame_indices is None:
        frame_indices = reader.sample(frames)
    clip = reader.read(frames, frame_indices)
    return _run(model, clip, layers, original_size)


def motion_along_video(
    model: BaseModel,
    video: str | PathLike,
    layers: Sequence[str] | None = None,
    step: int = 1,
    max_frames: int = 100,
    original_size: bool = False,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> VideoMotion:
    """Estimate the motion along a whole video, clip by clip.

    Each clip begins with the last frame of the one before. ``scores`` is the mean over the clips.

    Args:
        model: As in :func:`motion_of_video`.
        video: As there.
        layers: As there.
        step: Every how many frames of the video one is read.
        max_frames: The most frames to read, from the beginning of the video.
        original_size: As in :func:`motion_of_video`.
        progress: Called after each clip, with the number of clips done and of all clips.

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
    # The last clip ends with the last frame: pairs that the clip before has too are left out.
    starts = [*range(0, len(indices) - 1 - pairs, pairs), len(indices) - 1 - pairs]
    found: list[VideoMotion] = []
    done = 0
    for number, start in enumerate(starts):
        clip = reader.read(frames, indices[start : start + pairs + 1])
        found.append(_from_frame(_run(model, clip, layers, original_size), done - start))
        done = start + pairs
        progress(number + 1, len(starts))
    return _joined(found)


def _reader(
    model: BaseModel, layers: Sequence[str] | None, pipeline: Sequence[Mapping] | None = None
) -> ClipReader:
    """A reader of clips for the model. In a 2D network the layers have the length of a clip."""
    name = next(iter(motion_layers(model, layers)))
    if pipeline is None:
        pipeline = model.cfg.test_dataloader.dataset.pipeline
    return ClipReader(pipeline, model.get_submodule(name).num_segments)


def _run(
    model: BaseModel, clip: Clip, layers: Sequence[str] | None, original_size: bool
) -> VideoMotion:
    with torch.no_grad(), record_motion(model, layers) as records:
        (prediction,) = model.test_step(pseudo_collate([clip.inputs]))
    fields = fields_of_clip(records)
    frames = clip.originals if original_size else clip.frames
    strides = {len(frames) // (len(field.displacement) + 1) for field in fields.values()}
    if len(strides) > 1:
        raise ValueError(f'the layers {", ".join(records)} see other frames: look at one by one')
    # A 3D network may have subsampled the frames before the layer.
    (stride,) = strides
    scores = prediction.pred_score.float().cpu().numpy()
    return VideoMotion(frames[::stride], clip.frame_indices[::stride], fields, scores)


def _from_frame(motion: VideoMotion, first: int) -> VideoMotion:
    """The motion without the frames before ``first``."""
    return motion._replace(
        frames=motion.frames[first:],
        frame_indices=motion.frame_indices[first:],
        fields={
            name: field.map(lambda maps: maps[first:]) for name, field in motion.fields.items()
        },
    )


def _joined(clips: Sequence[VideoMotion]) -> VideoMotion:
    """One motion of clips, each of which begins with the last frame of the one before."""
    first, *others = clips
    return VideoMotion(
        frames=np.concatenate([first.frames, *(clip.frames[1:] for clip in others)]),
        frame_indices=np.concatenate(
            [first.frame_indices, *(clip.frame_indices[1:] for clip in others)]
        ),
        fields={
            name: MotionField.concatenate([clip.fields[name] for clip in clips])
            for name in first.fields
        },
        scores=np.mean([clip.scores for clip in clips], axis=0),
    )
