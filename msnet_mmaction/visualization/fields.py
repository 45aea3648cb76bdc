"""Arrays of a motion field for pictures, checks of their shapes, scale and places of arrows."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from ..structures import MotionField
from .arrows import evenly, surest

#: Arrows are drawn at the most confident 70 % of a clip's positions. docs/motion_quality.md tells
#: the error of the others.
SURE_SHARE = 0.7


def pixels_of(field: MotionField, height: int, width: int) -> np.ndarray:
    """The displacement (T - 1, 2, h, w) in pixels of frames of this size."""
    return field.in_pixels(height, width).detach().cpu().numpy()


def confidence_of(field: MotionField) -> np.ndarray | None:
    """The confidence (T - 1, h, w), or None."""
    return None if field.confidence is None else field.confidence.detach().cpu().numpy()


def sure_threshold(confidence: np.ndarray) -> float:
    """The confidence that ``SURE_SHARE`` of a clip's positions have or exceed."""
    known = confidence[np.isfinite(confidence)]
    return float(np.quantile(known, 1 - SURE_SHARE)) if known.size else np.inf


def arrow_places(field: MotionField, pair: int, height: int, width: int) -> np.ndarray:
    """Where to draw arrows between two frames.

    Args:
        field: A field of T frames.
        pair: Number of the pair of frames, from 0 to T - 2.
        height: Height of the frames, in pixels.
        width: Their width.

    Returns:
        (M, 2), row and column of the field's map.
    """
    rows, columns = field.displacement.shape[2:]
    confidence = confidence_of(field)
    if confidence is None or confidence.shape[1:] != (rows, columns):
        return evenly((rows, columns), height, width)
    return surest(confidence[pair], height, width, sure_threshold(confidence))


def check_clip(
    frames: np.ndarray, fields: Mapping[str, MotionField], frame_names: Sequence[str] | None
) -> None:
    """Check that frames and fields belong together.

    Raises:
        ValueError: If shapes disagree.
    """
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8 or len(frames) < 2:
        raise ValueError(
            f'frames are uint8 (T, H, W, 3) with T >= 2, got {frames.dtype} {frames.shape}'
        )
    pairs = len(frames) - 1
    for label, (displacement, confidence, _) in fields.items():
        name = ' '.join(label.split())
        if displacement.ndim != 4 or displacement.shape[:2] != (pairs, 2):
            raise ValueError(
                f'{name}: the displacement of {len(frames)} frames is ({pairs}, 2, h, w), got '
                f'{tuple(displacement.shape)}'
            )
        if confidence is not None and (confidence.ndim != 3 or len(confidence) != pairs):
            raise ValueError(
                f'{name}: the confidence of {len(frames)} frames is ({pairs}, h, w), got '
                f'{tuple(confidence.shape)}'
            )
    if frame_names is not None and len(frame_names) != len(frames):
        raise ValueError(f'{len(frames)} frames, but {len(frame_names)} frame_names')


def round_scale(fields: Collection[MotionField], height: int, width: int) -> float:
    """A length that hardly any displacement exceeds: a whole number of pixels, at least 1.

    It is the 99th percentile, rounded up. Where there is a confidence, only sure displacements
    count: a wrong match is often long.

    Args:
        fields: The fields of a clip.
        height: Height of the frames, in pixels.
        width: Their width.
    """
    lengths = []
    for field in fields:
        displacement, confidence = pixels_of(field, height, width), confidence_of(field)
        length = np.hypot(displacement[:, 0], displacement[:, 1])
        counts = np.isfinite(length)
        if confidence is not None and confidence.shape == length.shape:
            counts &= confidence >= sure_threshold(confidence)
        lengths.append(length[counts])
    longest = np.concatenate(lengths)
    return float(max(np.ceil(np.percentile(longest, 99)), 1)) if longest.size else 1.0
