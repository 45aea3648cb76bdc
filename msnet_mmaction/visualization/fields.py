"""The fields of a clip that are shown together: their shapes, scale, resolution, surest places."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from .arrows import evenly, surest

#: The surest share of a clip's positions, which earns arrows: docs/motion_quality.md tells how
#: wrong the others are.
SURE_SHARE = 0.7


class FieldRow(NamedTuple):
    """A displacement between adjacent frames of a clip.

    Attributes:
        label: What to write beside it.
        displacement: (T - 1, 2, h, w), x then y, in pixels of the frames, at any resolution.
        confidence: (T - 1, h, w) at any resolution; None where nothing says how sure it is.
        backward: Whether it is from each frame to the one before, at places of the former.
    """

    label: str
    displacement: np.ndarray
    confidence: np.ndarray | None = None
    backward: bool = False

    @property
    def sure(self) -> float:
        """The least confidence that earns an arrow: ``SURE_SHARE`` of the clip has it."""
        known = self.confidence[np.isfinite(self.confidence)]
        return float(np.quantile(known, 1 - SURE_SHARE)) if known.size else np.inf

    def arrow_places(self, pair: int, height: int, width: int) -> np.ndarray:
        """Where to draw arrows between two frames, (M, 2), row and column of the field."""
        shape = self.displacement.shape[2:]
        if self.confidence is None or self.confidence.shape[1:] != shape:
            return evenly(shape, height, width)
        return surest(self.confidence[pair], height, width, self.sure)


def check_clip(
    frames: np.ndarray, rows: Sequence[FieldRow], frame_names: Sequence[str] | None
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
    for row in rows:
        name = ' '.join(row.label.split())
        if row.displacement.ndim != 4 or row.displacement.shape[:2] != (pairs, 2):
            raise ValueError(
                f'{name}: the displacement of {len(frames)} frames is ({pairs}, 2, h, w), got '
                f'{row.displacement.shape}'
            )
        if row.confidence is not None and (
            row.confidence.ndim != 3 or len(row.confidence) != pairs
        ):
            raise ValueError(
                f'{name}: the confidence of {len(frames)} frames is ({pairs}, h, w), got '
                f'{row.confidence.shape}'
            )
    if frame_names is not None and len(frame_names) != len(frames):
        raise ValueError(f'{len(frames)} frames, but {len(frame_names)} frame_names')


def round_scale(rows: Collection[FieldRow]) -> float:
    """A length that hardly any displacement exceeds: a whole number of pixels, at least 1.

    Where there is a confidence, only sure displacements have a say: a wrong match is often long.
    """
    lengths = []
    for row in rows:
        length = np.hypot(row.displacement[:, 0], row.displacement[:, 1])
        counts = np.isfinite(length)
        if row.confidence is not None and row.confidence.shape == length.shape:
            counts &= row.confidence >= row.sure
        lengths.append(length[counts])
    lengths = np.concatenate(lengths)
    return float(max(np.ceil(np.percentile(lengths, 99)), 1)) if lengths.size else 1.0


def resize_maps(maps: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize maps bilinearly, as the paper does for its figures (56 x 56, Section 4.6).

    Args:
        maps: (..., h, w). Displacements keep their unit: pixels of the frames stay that.
        height: Rows of the result.
        width: Columns of the result.

    Returns:
        float32 (..., height, width).
    """
    flat = np.asarray(maps, dtype=np.float32).reshape(-1, *maps.shape[-2:])
    resized = [cv2.resize(one, (width, height), interpolation=cv2.INTER_LINEAR) for one in flat]
    return np.stack(resized).reshape(*maps.shape[:-2], height, width)
