"""A figure of a clip with its displacements and their confidence."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from ..structures import MotionField
from .arrows import draw_arrows
from .fields import (
    SURE_SHARE,
    arrow_places,
    check_clip,
    confidence_of,
    pixels_of,
    round_scale,
)
from .flow_color import color_wheel, displacement_to_rgb

#: Width of a frame and room for the row labels, in inches.
_FRAME_WIDTH, _LABEL_WIDTH = 1.9, 1.5
CONFIDENCE_COLORS = 'viridis'


def motion_figure(
    frames: np.ndarray,
    fields: Mapping[str, MotionField],
    title: str | None = None,
    max_displacement: float | None = None,
    frame_names: Sequence[str] | None = None,
) -> Figure:
    """Draw a clip, its displacements in colour with arrows, and their confidence.

    As Figures 6, 9 and 10 of the paper: a row of frames, a row of displacements, a row of
    confidences, whose colours run from the least to the largest value in the clip. Where there is
    a confidence, arrows are drawn at the most confident position of each neighbourhood, if it is
    among the most confident 70 % of the clip.

    A displacement is from one of the given frames to the next one of them, or back. The figure
    shows it in pixels of these frames, x to the right and y down.

    Args:
        frames: uint8 RGB (T, H, W, 3).
        fields: The fields to draw below the frames, in their order, by the label that is written
            beside each. Displacements are (T - 1, 2, h, w), at any resolution.
        title: Line above the figure.
        max_displacement: Length of a full colour in all fields, in pixels. By default it is
            :func:`.round_scale` of these fields. Give it to compare several figures.
        frame_names: What to write above each frame; their numbers by default.

    Returns:
        A figure; ``figure.savefig('motion.png')`` writes it. It is not a figure of pyplot, so it
        need not be closed.

    Raises:
        ValueError: If shapes disagree, or there is no field.
    """
    frames = np.asarray(frames)
    if not fields:
        raise ValueError('there is no field to draw')
    check_clip(frames, fields, frame_names)
    num_frames, height, width = frames.shape[:3]
    if max_displacement is None:
        max_displacement = round_scale(fields.values(), height, width)
    names = [str(n + 1) for n in range(num_frames)] if frame_names is None else list(frame_names)

    with_confidence = sum(field.confidence is not None for field in fields.values())
    num_rows = 1 + len(fields) + with_confidence
    figure = Figure(
        figsize=(
            _LABEL_WIDTH + _FRAME_WIDTH * num_frames,
            0.8 + (_FRAME_WIDTH * height / width + 0.3) * num_rows,
        ),
        layout='constrained',
    )
    if title is not None:
        figure.suptitle(title)
    axes = figure.subplots(num_rows, num_frames, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()

    _label_row(axes[0, 0], 'Frames')
    for ax, frame, name in zip(axes[0], frames, names, strict=True):
        ax.imshow(frame)
        ax.set_title(f'frame {name}', fontsize=9)

    lines = iter(axes[1:])
    for label, field in fields.items():
        displacement, confidence = pixels_of(field, height, width), confidence_of(field)
        pairs = [f'{b} → {a}' if field.backward else f'{a} → {b}' for a, b in pairwise(names)]
        line = next(lines)
        _label_row(line[0], label)
        for n, (ax, pair) in enumerate(zip(line, pairs, strict=False)):
            draw_colors(ax, displacement[n], max_displacement, height, width)
            places = arrow_places(field, n, height, width)
            draw_arrows(ax, displacement[n], places, height, width)
            ax.set_title(pair, fontsize=9)
        if confidence is not None:
            _draw_confidences(figure, next(lines), confidence, pairs, height, width)
    draw_legend(axes[1, -1], max_displacement)
    figure.supxlabel(
        'Colour and arrow: where the content of a frame has gone in the other one, in pixels of '
        f'these frames, {width} wide and {height} high.'
        + (
            f'\nWhere there is a confidence, only the surest {SURE_SHARE:.0%} of the clip '
            'have arrows.'
            if with_confidence
            else ''
        ),
        fontsize=8,
    )
    return figure


def figure_to_rgb(figure: Figure, dpi: float = 100) -> np.ndarray:
    """Draw a figure; uint8 RGB (H, W, 3)."""
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _draw_confidences(
    figure: Figure,
    line: Sequence[Axes],
    confidence: np.ndarray,
    pairs: Sequence[str],
    height: int,
    width: int,
) -> None:
    limits = confidence_limits(confidence)
    _label_row(line[0], 'its confidence')
    for ax, one, pair in zip(line, confidence, pairs, strict=False):
        ax.imshow(one, cmap=CONFIDENCE_COLORS, norm=limits, extent=_extent(height, width))
        ax.set_title(pair, fontsize=9)
    bar = line[-1].inset_axes((0.1, 0.05, 0.1, 0.9))
    figure.colorbar(
        ScalarMappable(limits, CONFIDENCE_COLORS), cax=bar, label='least to largest\nof this clip'
    )


def confidence_limits(confidence: np.ndarray) -> Normalize:
    """Limits of the colours: the least and the largest confidence of a clip, as in the paper."""
    known = confidence[np.isfinite(confidence)]
    return Normalize(known.min(), known.max()) if known.size else Normalize(0, 1)


def draw_colors(
    ax: Axes, displacement: np.ndarray, max_displacement: float, height: int, width: int
) -> None:
    """Draw a displacement (2, h, w) in colour over a frame's pixels."""
    ax.imshow(displacement_to_rgb(displacement, max_displacement), extent=_extent(height, width))


def draw_legend(ax: Axes, max_displacement: float) -> None:
    """Draw the colour wheel, the legend of the colours."""
    ax.imshow(color_wheel(151), extent=(-1, 1, 1, -1))
    words: tuple[tuple[float, float, str, dict[str, Any]], ...] = (
        (-1.1, 0, 'left', {'ha': 'right', 'va': 'center'}),
        (1.1, 0, 'right', {'ha': 'left', 'va': 'center'}),
        (0, -1.1, 'up', {'ha': 'center', 'va': 'bottom'}),
        (0, 1.1, f'down\n(full colour: {max_displacement:g} px)', {'ha': 'center', 'va': 'top'}),
    )
    for x, y, word, align in words:
        ax.text(x, y, word, fontsize=8, **align)
    ax.set_xlim(-2, 2)
    ax.set_ylim(2.1, -1.7)


def _extent(height: int, width: int) -> tuple[float, float, float, float]:
    """The ``extent`` of imshow that puts a picture of any resolution over the frame."""
    return (-0.5, width - 0.5, height - 0.5, -0.5)


def _label_row(ax: Axes, label: str) -> None:
    ax.text(
        -0.08,
        0.5,
        label,
        transform=ax.transAxes,
        ha='right',
        va='center',
        fontsize=11,
        weight='bold',
    )
