"""Arrows over a frame that show its displacements."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, Stroke
from matplotlib.quiver import Quiver

#: Arrows along the longer side of a frame.
ARROWS = 6
#: Displacements shorter than this share of the longer side get no arrow.
_STILL = 0.008


def draw_arrows(
    ax: Axes, displacement: np.ndarray, places: np.ndarray, height: int, width: int
) -> Quiver | None:
    """Draw arrows, as long as the motion, black with a white rim.

    Args:
        ax: Axes that show a frame as ``imshow`` does: x to the right, y down, in pixels.
        displacement: (2, h, w), x then y, in pixels of the frame, at any resolution.
        places: Start of each arrow, (M, 2): row and column of the field's map.
        height: Height of the frame, in pixels.
        width: Its width.

    Returns:
        The arrows; None if nothing moves.
    """
    rows, columns = displacement.shape[1:]
    i, j = places.T
    u, v = displacement[:, i, j]
    length = np.hypot(u, v)
    moves = np.isfinite(length) & (length >= _STILL * max(height, width))
    if not moves.any():
        return None
    x, y = (j + 0.5) * width / columns - 0.5, (i + 0.5) * height / rows - 0.5
    arrows = ax.quiver(
        x[moves],
        y[moves],
        u[moves],
        v[moves],
        angles='xy',
        scale_units='xy',
        scale=1,
        width=0.009,
        headwidth=4,
        headlength=4,
        headaxislength=3.5,
        path_effects=[Stroke(linewidth=1.6, foreground='white'), Normal()],
    )
    # Arrows that leave the frame must not change the limits of the axes.
    ax.set_xlim(-0.5, width - 0.5)
    ax.set_ylim(height - 0.5, -0.5)
    return arrows


def evenly(shape: tuple[int, int], height: int, width: int) -> np.ndarray:
    """Centres of equal parts of a field, (M, 2): row and column of its map.

    Args:
        shape: Size of the map, (h, w).
        height: Height of the frame, in pixels.
        width: Its width.
    """
    rows, columns = _grid(height, width)
    i, j = np.meshgrid(_middles(shape[0], rows), _middles(shape[1], columns), indexing='ij')
    return np.stack([i.ravel(), j.ravel()], axis=1)


def surest(confidence: np.ndarray, height: int, width: int, least: float) -> np.ndarray:
    """The most confident position of each part of a field, (M, 2): row and column of its map.

    Args:
        confidence: (h, w).
        height: Height of the frame, in pixels.
        width: Its width.
        least: Threshold; parts whose largest confidence is lower have no position.
    """
    rows, columns = _grid(height, width)
    places = []
    for i in np.array_split(np.arange(confidence.shape[0]), rows):
        for j in np.array_split(np.arange(confidence.shape[1]), columns):
            part = confidence[np.ix_(i, j)]
            if part.size and np.isfinite(part).any() and np.nanmax(part) >= least:
                row, column = np.unravel_index(np.nanargmax(part), part.shape)
                places.append((i[row], j[column]))
    return np.array(places, dtype=int).reshape(-1, 2)


def _grid(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of arrows over a frame."""
    spacing = max(height, width) / ARROWS
    return max(round(height / spacing), 1), max(round(width / spacing), 1)


def _middles(length: int, parts: int) -> np.ndarray:
    """Indices in the middles of equal parts, each index once."""
    return np.unique(((np.arange(parts) + 0.5) * length / parts).astype(int))
