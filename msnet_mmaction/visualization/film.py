"""A film of the motion in a video: field over the video, displacement and confidence."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..structures import MotionField
from .arrows import draw_arrows
from .fields import arrow_places, check_clip, confidence_of, pixels_of, round_scale
from .flow_color import displacement_to_rgb
from .motion_figure import CONFIDENCE_COLORS, confidence_limits, draw_colors, draw_legend

_DPI = 100
#: Opacity of the frame below the colours.
_THROUGH = 0.5


def motion_film(
    frames: np.ndarray,
    field: MotionField,
    overlay: str = 'arrows',
    title: str | None = None,
    max_displacement: float | None = None,
    frame_names: Sequence[str] | None = None,
    width: int = 900,
) -> Iterator[np.ndarray]:
    """Draw a film: each frame with the field over it, and beside it displacement and confidence.

    Args:
        frames: uint8 RGB (T, H, W, 3).
        field: Displacement (T - 1, 2, h, w) and confidence of these frames. A film of a forward
            field shows all frames but the last one, of a backward field all but the first one.
        overlay: How the field lies over the video, one of :data:`OVERLAYS`.
        title: Line above the pictures.
        max_displacement: Length of a full colour in the whole film, in pixels, as in
            :func:`.motion_figure`.
        frame_names: What to write below each frame; their numbers by default.
        width: Width of the film, in pixels.

    Yields:
        T - 1 pictures, uint8 RGB (height, width, 3).

    Raises:
        ValueError: If shapes disagree, or there is no such overlay.
    """
    frames = np.asarray(frames)
    check_clip(frames, {'the field': field}, frame_names)
    if overlay not in OVERLAYS:
        raise ValueError(f'no overlay {overlay!r}; there are {", ".join(OVERLAYS)}')
    height, frame_width = frames.shape[1:3]
    scale = max_displacement or round_scale([field], height, frame_width)
    names = range(1, len(frames) + 1) if frame_names is None else frame_names
    displacement, confidence = pixels_of(field, height, frame_width), confidence_of(field)

    maps = 2 if confidence is None else 3
    canvas, axes = _layout(maps, height / frame_width, width, title)
    limits = None if confidence is None else confidence_limits(confidence)
    draw_legend(axes[-1], scale)
    for n in range(len(frames) - 1):
        here = n + field.backward
        for ax in axes[:maps]:
            ax.clear()
            ax.set_axis_off()
        OVERLAYS[overlay](axes[0], frames[here], field, n, scale)
        axes[0].set_title(f'frame {names[here]}', fontsize=9)
        draw_colors(axes[1], displacement[n], scale, height, frame_width)
        axes[1].set_title('displacement', fontsize=9)
        if confidence is not None:
            axes[2].imshow(
                confidence[n],
                cmap=CONFIDENCE_COLORS,
                norm=limits,
                extent=(-0.5, frame_width - 0.5, height - 0.5, -0.5),
            )
            axes[2].set_title('confidence (yellow: sure)', fontsize=9)
        canvas.draw()
        yield np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _layout(
    maps: int, aspect: float, width: int, title: str | None
) -> tuple[FigureCanvasAgg, Sequence[Axes]]:
    """A figure with axes for so many maps of one size and for the legend, side by side."""
    # In inches.
    legend, gap, head = 1.1, 0.06, 0.55 if title else 0.3
    inches = width / _DPI
    map_width = (inches - legend - gap * (maps + 1)) / maps
    map_height = map_width * aspect
    total = max(map_height, legend) + head + gap
    figure = Figure(figsize=(inches, total), dpi=_DPI)
    canvas = FigureCanvasAgg(figure)
    if title:
        figure.text(0.5, 1 - 0.06 / total, title, ha='center', va='top', fontsize=10)
    bottom = gap + max(legend - map_height, 0) / 2
    boxes = [(gap + n * (map_width + gap), bottom, map_width, map_height) for n in range(maps)]
    boxes.append((inches - legend - gap / 2, (total - head + gap - legend) / 2, legend, legend))
    size = np.array([inches, total] * 2)
    axes = [figure.add_axes(np.array(box) / size) for box in boxes]
    axes[-1].set_axis_off()
    return canvas, axes


def _arrows_over(ax: Axes, frame: np.ndarray, field: MotionField, pair: int, scale: float) -> None:
    height, width = frame.shape[:2]
    ax.imshow(frame)
    places = arrow_places(field, pair, height, width)
    draw_arrows(ax, pixels_of(field, height, width)[pair], places, height, width)


def _colors_over(ax: Axes, frame: np.ndarray, field: MotionField, pair: int, scale: float) -> None:
    height, width = frame.shape[:2]
    gray = frame.mean(axis=-1, keepdims=True).astype(np.uint8).repeat(3, axis=-1)
    ax.imshow(gray)
    ax.imshow(
        displacement_to_rgb(pixels_of(field, height, width)[pair], scale),
        alpha=1 - _THROUGH,
        extent=(-0.5, width - 0.5, height - 0.5, -0.5),
    )


#: Functions that draw a field over a frame, by the name of the overlay.
OVERLAYS: dict[str, Callable[[Axes, np.ndarray, MotionField, int, float], None]] = {
    'arrows': _arrows_over,
    'colors': _colors_over,
}
