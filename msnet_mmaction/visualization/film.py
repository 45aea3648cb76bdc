"""A film of the motion in a video: the field over the video, its colours, its confidence."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .arrows import draw_arrows
from .fields import FieldRow, check_clip, round_scale
from .flow_color import displacement_to_rgb
from .motion_figure import CONFIDENCE_COLORS, confidence_limits, draw_colors, draw_legend

_DPI = 100
#: Share of the frame that shines through the colours that lie over it.
_THROUGH = 0.5


def motion_film(
    frames: np.ndarray,
    row: FieldRow,
    overlay: str = 'arrows',
    title: str | None = None,
    max_displacement: float | None = None,
    frame_names: Sequence[str] | None = None,
    width: int = 900,
) -> Iterator[np.ndarray]:
    """Draw a film: each frame with the field over it, and beside it displacement and confidence.

    Args:
        frames: uint8 RGB (T, H, W, 3).
        row: The field. The film shows the frames at whose positions it is: all but the last one,
            or of a backward field, all but the first one.
        overlay: How the field lies over the video, one of :data:`OVERLAYS`.
        title: Line above.
        max_displacement: Length of a full colour, as in :func:`.motion_figure`; one for the film.
        frame_names: What to write below each frame; their numbers by default.
        width: Of the film, in pixels.

    Yields:
        T - 1 pictures, uint8 RGB (height, width, 3).

    Raises:
        ValueError: If shapes disagree, or there is no such overlay.
    """
    frames = np.asarray(frames)
    check_clip(frames, [row], frame_names)
    if overlay not in OVERLAYS:
        raise ValueError(f'no overlay {overlay!r}; there are {", ".join(OVERLAYS)}')
    height, frame_width = frames.shape[1:3]
    scale = max_displacement or round_scale([row])
    names = range(1, len(frames) + 1) if frame_names is None else frame_names

    maps = 2 if row.confidence is None else 3
    figure, axes = _layout(maps, height / frame_width, width, title)
    limits = None if row.confidence is None else confidence_limits(row.confidence)
    draw_legend(axes[-1], scale)
    for n in range(len(frames) - 1):
        here = n + row.backward
        for ax in axes[:maps]:
            ax.clear()
            ax.set_axis_off()
        OVERLAYS[overlay](axes[0], frames[here], row, n, scale)
        axes[0].set_title(f'frame {names[here]}', fontsize=9)
        draw_colors(axes[1], row.displacement[n], scale, height, frame_width)
        axes[1].set_title('displacement', fontsize=9)
        if limits is not None:
            axes[2].imshow(
                row.confidence[n],
                cmap=CONFIDENCE_COLORS,
                norm=limits,
                extent=(-0.5, frame_width - 0.5, height - 0.5, -0.5),
            )
            axes[2].set_title('confidence (yellow: sure)', fontsize=9)
        figure.canvas.draw()
        yield np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()


def _layout(
    maps: int, aspect: float, width: int, title: str | None
) -> tuple[Figure, Sequence[Axes]]:
    """So many maps of one size and the legend, side by side; all in inches."""
    legend, gap, head = 1.1, 0.06, 0.55 if title else 0.3
    inches = width / _DPI
    map_width = (inches - legend - gap * (maps + 1)) / maps
    map_height = map_width * aspect
    total = max(map_height, legend) + head + gap
    figure = Figure(figsize=(inches, total), dpi=_DPI)
    FigureCanvasAgg(figure)
    if title:
        figure.text(0.5, 1 - 0.06 / total, title, ha='center', va='top', fontsize=10)
    bottom = gap + max(legend - map_height, 0) / 2
    boxes = [(gap + n * (map_width + gap), bottom, map_width, map_height) for n in range(maps)]
    boxes.append((inches - legend - gap / 2, (total - head + gap - legend) / 2, legend, legend))
    size = np.array([inches, total] * 2)
    axes = [figure.add_axes(np.array(box) / size) for box in boxes]
    axes[-1].set_axis_off()
    return figure, axes


def _arrows_over(ax: Axes, frame: np.ndarray, row: FieldRow, pair: int, scale: float) -> None:
    ax.imshow(frame)
    places = row.arrow_places(pair, *frame.shape[:2])
    draw_arrows(ax, row.displacement[pair], places, *frame.shape[:2])


def _colors_over(ax: Axes, frame: np.ndarray, row: FieldRow, pair: int, scale: float) -> None:
    height, width = frame.shape[:2]
    gray = frame.mean(axis=-1, keepdims=True).astype(np.uint8).repeat(3, axis=-1)
    ax.imshow(gray)
    ax.imshow(
        displacement_to_rgb(row.displacement[pair], scale),
        alpha=1 - _THROUGH,
        extent=(-0.5, width - 0.5, height - 0.5, -0.5),
    )


#: How a field lies over a frame.
OVERLAYS: dict[str, Callable[[Axes, np.ndarray, FieldRow, int, float], None]] = {
    'arrows': _arrows_over,
    'colors': _colors_over,
}
