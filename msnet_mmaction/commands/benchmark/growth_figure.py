"""A figure of the time of the matching over its size."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .operation_results import Result, Size

#: The value of each dimension in a size.
DIMENSIONS = {'pairs N': 'pairs', 'height = width': 'height', 'patch P': 'patch'}


def plot_growth(
    growth: Mapping[str, Sequence[Size]], results: Sequence[Result], path: Path
) -> None:
    """Plot milliseconds over each dimension, one row for each direction.

    Args:
        growth: Sizes by the name of the dimension that grows.
        results: Measurements at least of these sizes.
        path: Picture to write.
    """
    times = {(r.size, r.direction, r.backend): r.milliseconds for r in results}
    directions = list(dict.fromkeys(r.direction for r in results))
    backends = list(dict.fromkeys(r.backend for r in results))
    figure = Figure(figsize=(4 * len(growth), 3.2 * len(directions)), layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(directions), len(growth), squeeze=False, sharex='col')
    for row, direction in zip(axes, directions, strict=True):
        for axis, (dimension, sizes) in zip(row, growth.items(), strict=True):
            values = [getattr(size, DIMENSIONS[dimension]) for size in sizes]
            for backend in backends:
                milliseconds = [times[str(size), direction, backend] for size in sizes]
                axis.loglog(values, milliseconds, marker='o', markersize=4, label=backend)
            axis.set_xticks(values, [str(value) for value in values])
            axis.minorticks_off()
            axis.grid(alpha=0.3)
        row[0].set_ylabel(f'{direction}, ms')
    for axis, dimension in zip(axes[-1], growth, strict=True):
        axis.set_xlabel(dimension)
    axes[0, 0].legend()
    figure.savefig(path, dpi=120)
