"""One figure that shows a clip, the motion found in it, and how sure the matching was."""

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from .flow_color import color_wheel, displacement_to_rgb

#: Width of a frame and room for the row labels, in inches.
_FRAME_WIDTH, _LABEL_WIDTH = 1.9, 1.5
#: Arrows along the longer side of a frame.
_ARROWS = 8
#: Share of the clip's largest confidence that earns an arrow.
_SURE = 0.9
_CONFIDENCE_COLORS = 'viridis'


def motion_figure(
    frames: np.ndarray,
    displacement: np.ndarray,
    confidence: np.ndarray,
    true_displacement: np.ndarray | None = None,
    title: str | None = None,
    max_displacement: float | None = None,
    frame_names: Sequence[str] | None = None,
) -> Figure:
    """Draw a clip, its displacements in colour with arrows, and its confidence.

    The estimate has arrows where the match is sure alone: at the most confident position of a
    neighbourhood, if its confidence is at least 0.9 of the largest in the clip.

    All displacements are from one of the frames to the next one *of these frames*, which may be
    several frames of the video apart, and in pixels of these frames. x points right and y down.

    Args:
        frames: uint8 RGB (T, H, W, 3).
        displacement: Estimated displacement (T - 1, 2, h, w), x then y, at any resolution.
        confidence: (T - 1, h, w). Its colours run from its least to its largest value in the clip.
        true_displacement: (T - 1, 2, H, W) or any other resolution; left out where it is unknown.
        title: Line above the figure.
        max_displacement: Length of a full colour, for the estimate and the truth alike. By default
            that of all but the longest hundredth, rounded up: give it to compare several figures.
        frame_names: What to write above each frame; their numbers by default.

    Returns:
        A figure; ``figure.savefig('motion.png')`` writes it. It does not belong to pyplot, so there
        is nothing to close.

    Raises:
        ValueError: If shapes disagree.
    """
    frames, displacement = np.asarray(frames), np.asarray(displacement)
    confidence = np.asarray(confidence)
    fields = {'Estimated\ndisplacement': displacement}
    if true_displacement is not None:
        fields['True\ndisplacement'] = np.asarray(true_displacement)
    _check(frames, fields, confidence, frame_names)

    num_frames, height, width = frames.shape[:3]
    if max_displacement is None:
        max_displacement = _round_scale(fields.values())
    names = [str(n + 1) for n in range(num_frames)] if frame_names is None else list(frame_names)
    pairs = [f'{a} → {b}' for a, b in pairwise(names)]

    figure = Figure(
        figsize=(
            _LABEL_WIDTH + _FRAME_WIDTH * num_frames,
            0.8 + (_FRAME_WIDTH * height / width + 0.3) * (len(fields) + 2),
        ),
        layout='constrained',
    )
    figure.suptitle(title)
    axes = figure.subplots(len(fields) + 2, num_frames, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()

    _label_row(axes[0, 0], 'Frames')
    for ax, frame, name in zip(axes[0], frames, names, strict=True):
        ax.imshow(frame)
        ax.set_title(f'frame {name}', fontsize=9)

    known = confidence[np.isfinite(confidence)]
    sure = _SURE * known.max() if known.size else np.inf
    for row, (label, field) in zip(axes[1:], fields.items(), strict=False):
        _label_row(row[0], label)
        for ax, one, trust, pair in zip(row, field, confidence, pairs, strict=False):
            _draw_colors(ax, one, max_displacement, height, width)
            if field is displacement and trust.shape == one.shape[1:]:
                arrows = _surest(trust, *_arrow_grid(height, width), sure)
            else:
                arrows = _middles_2d(one.shape[1:], *_arrow_grid(height, width))
            _draw_arrows(ax, one, arrows, height, width)
            ax.set_title(pair, fontsize=9)
    _draw_legend(axes[1, -1], max_displacement)

    limits = Normalize(known.min(), known.max()) if known.size else Normalize(0, 1)
    _label_row(axes[-1, 0], 'Confidence\nof the match')
    for ax, one, pair in zip(axes[-1], confidence, pairs, strict=False):
        ax.imshow(one, cmap=_CONFIDENCE_COLORS, norm=limits, extent=_extent(height, width))
        ax.set_title(pair, fontsize=9)
    bar = axes[-1, -1].inset_axes((0.1, 0.05, 0.1, 0.9))
    figure.colorbar(
        ScalarMappable(limits, _CONFIDENCE_COLORS), cax=bar, label='least to largest\nof this clip'
    )
    figure.supxlabel(
        'Colour and arrow: where the content of a frame has gone in the next one shown, in pixels '
        f'of these frames, {width} wide and {height} high.\n'
        'The estimate has arrows where the confidence is at least '
        f'{_SURE:g} of the largest in this clip.',
        fontsize=8,
    )
    return figure


def _check(
    frames: np.ndarray,
    fields: dict[str, np.ndarray],
    confidence: np.ndarray,
    frame_names: Sequence[str] | None,
) -> None:
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8 or len(frames) < 2:
        raise ValueError(
            f'frames are uint8 (T, H, W, 3) with T >= 2, got {frames.dtype} {frames.shape}'
        )
    pairs = len(frames) - 1
    for label, field in fields.items():
        if field.ndim != 4 or field.shape[:2] != (pairs, 2):
            name = ' '.join(label.lower().split())
            raise ValueError(
                f'the {name} of {len(frames)} frames is ({pairs}, 2, h, w), got {field.shape}'
            )
    if confidence.ndim != 3 or len(confidence) != pairs:
        raise ValueError(
            f'the confidence of {len(frames)} frames is ({pairs}, h, w), got {confidence.shape}'
        )
    if frame_names is not None and len(frame_names) != len(frames):
        raise ValueError(f'{len(frames)} frames, but {len(frame_names)} frame_names')


def _round_scale(fields: Collection[np.ndarray]) -> float:
    """A length that hardly any displacement exceeds: a whole number of pixels, at least 1."""
    lengths = np.concatenate([np.hypot(f[:, 0], f[:, 1]).ravel() for f in fields])
    lengths = lengths[np.isfinite(lengths)]
    return float(max(np.ceil(np.percentile(lengths, 99)), 1)) if lengths.size else 1.0


def _extent(height: int, width: int) -> tuple[float, float, float, float]:
    """Where imshow puts a picture of any resolution so that it lies over the frame."""
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


def _draw_colors(
    ax: Axes, displacement: np.ndarray, max_displacement: float, height: int, width: int
) -> None:
    ax.imshow(displacement_to_rgb(displacement, max_displacement), extent=_extent(height, width))


def _draw_arrows(
    ax: Axes, displacement: np.ndarray, places: np.ndarray, height: int, width: int
) -> None:
    """Draw arrows, as long as the motion, at places (M, 2), row and column, of a field."""
    rows, columns = displacement.shape[1:]
    i, j = places.T
    u, v = displacement[:, i, j]
    known = np.isfinite(u) & np.isfinite(v)
    x, y = (j + 0.5) * width / columns - 0.5, (i + 0.5) * height / rows - 0.5
    ax.quiver(
        x[known],
        y[known],
        u[known],
        v[known],
        angles='xy',
        scale_units='xy',
        scale=1,
        width=0.008,
        headwidth=4,
        headlength=4,
        headaxislength=3.5,
    )
    # Arrows must not widen the picture.
    ax.set_xlim(-0.5, width - 0.5)
    ax.set_ylim(height - 0.5, -0.5)


def _arrow_grid(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of arrows over a frame."""
    spacing = max(height, width) / _ARROWS
    return max(round(height / spacing), 1), max(round(width / spacing), 1)


def _middles_2d(shape: tuple[int, int], rows: int, columns: int) -> np.ndarray:
    """Places in the middles of equal parts of a field, (M, 2)."""
    i, j = np.meshgrid(_middles(shape[0], rows), _middles(shape[1], columns), indexing='ij')
    return np.stack([i.ravel(), j.ravel()], axis=1)


def _middles(length: int, parts: int) -> np.ndarray:
    """Indices in the middles of equal parts, each index once."""
    return np.unique(((np.arange(parts) + 0.5) * length / parts).astype(int))


def _surest(confidence: np.ndarray, rows: int, columns: int, least: float) -> np.ndarray:
    """The most confident place of each part of a field, (M, 2), where it is confident enough."""
    places = []
    for i in np.array_split(np.arange(confidence.shape[0]), rows):
        for j in np.array_split(np.arange(confidence.shape[1]), columns):
            part = confidence[np.ix_(i, j)]
            if part.size and np.isfinite(part).any() and np.nanmax(part) >= least:
                row, column = np.unravel_index(np.nanargmax(part), part.shape)
                places.append((i[row], j[column]))
    return np.array(places, dtype=int).reshape(-1, 2)


def _draw_legend(ax: Axes, max_displacement: float) -> None:
    ax.imshow(color_wheel(151), extent=(-1, 1, 1, -1))
    for x, y, word, align in (
        (-1.1, 0, 'left', {'ha': 'right', 'va': 'center'}),
        (1.1, 0, 'right', {'ha': 'left', 'va': 'center'}),
        (0, -1.1, 'up', {'ha': 'center', 'va': 'bottom'}),
        (0, 1.1, f'down\n(full colour: {max_displacement:g} px)', {'ha': 'center', 'va': 'top'}),
    ):
        ax.text(x, y, word, fontsize=8, **align)
    ax.set_xlim(-2, 2)
    ax.set_ylim(2.1, -1.7)
