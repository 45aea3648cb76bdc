"""Figures 4 and 5 of the paper with published and measured points."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .lines import Line

Style = dict[str, Any]
PUBLISHED: Style = dict(
    color='tab:blue', marker='o', linestyle='none', label='published by the paper'
)
MEASURED: Style = dict(color='tab:red', marker='s', linestyle='none', label='measured here')
BASELINE: Style = dict(color='black', marker='.', linestyle='none')
COUNTED: Style = dict(color='tab:grey', marker='.', label='FLOPs, counted here')


def plot_patch_sizes(lines: list[Line]) -> bytes:
    """Figure 4: top-1 and FLOPs over the patch size P, as PNG."""
    baseline = next(line for line in lines if line.experiment.baseline is None)
    sizes = [(line, int(line.experiment.row.rpartition('=')[2])) for line in lines[1:]]
    figure, axis = _figure('Figure 4: patch size P, TSM-ResNet-18, Something-Something V1')

    published = baseline.published_accuracy[0]
    assert published is not None, 'the baseline of Figure 4 has a published accuracy'
    axis.axhline(published, color='tab:blue', linewidth=0.8, linestyle=':')
    axis.annotate('published baseline', (sizes[-1][1], published), (0, 3), ha='right',
                  textcoords='offset points', fontsize=8)  # fmt: skip
    points = [(p, line.published_accuracy[0]) for line, p in sizes]
    _scatter(axis, points, PUBLISHED)
    for line, p in sizes:
        if line.experiment.gain_above is not None:
            floor = published + line.experiment.gain_above
            axis.errorbar([p], [floor], yerr=0.35, lolims=True, color='tab:blue', marker='_')
            axis.annotate(f'published: above {floor:.1f}', (p, floor), (8, -3),
                          textcoords='offset points', fontsize=8)  # fmt: skip
    measured = [(p, line.accuracy.top1 if line.accuracy else None) for line, p in sizes]
    _scatter(axis, measured, MEASURED)
    axis.set_xlabel('patch size P')
    axis.set_ylabel('top-1, %')
    axis.set_xticks([p for _, p in sizes])

    costs = axis.twinx()
    counted = [(p, line.cost.flops) for line, p in sizes if line.cost]
    costs.plot(*zip(*counted, strict=True), linewidth=0.8, **COUNTED)
    costs.set_ylabel('10⁹ multiply-adds, counted here')
    # Above the line of the baseline.
    _legend(axis, costs, loc='lower right', bbox_to_anchor=(1, 0.1))
    return _png(figure)


def plot_backbones(lines: list[Line]) -> bytes:
    """Figure 5: gain in top-1 and FLOPs by the MS module on each backbone, as PNG.

    The paper's text gives gains, not accuracies. So each backbone starts at 0.
    """
    figure, axis = _figure(
        'Figure 5: what the MS module adds to a backbone, Something-Something V1'
    )
    rows = {line.experiment.row: line for line in lines}
    for line in lines:
        base = rows.get(line.experiment.baseline or '')
        if base is None or line.cost is None or base.cost is None:
            continue
        start, end = base.cost.flops, line.cost.flops
        axis.plot([start], [0], label='without the module', **BASELINE)
        gain = line.experiment.gain
        axis.annotate('', (end, gain), (start, 0),
                      arrowprops=dict(arrowstyle='-', color='tab:blue', linewidth=0.8))  # fmt: skip
        _scatter(axis, [(end, gain)], PUBLISHED)
        axis.annotate(f'{base.experiment.row}\n+{gain:.1f}', (end, gain), (6, -4),
                      textcoords='offset points', fontsize=8)  # fmt: skip
        if line.accuracy and base.accuracy:
            _scatter(axis, [(end, line.accuracy.top1 - base.accuracy.top1)], MEASURED)
    axis.set_xlabel('10⁹ multiply-adds, counted here')
    axis.set_ylabel('gain in top-1, points')
    axis.set_xlim(0, axis.get_xlim()[1] * 1.15)
    axis.set_ylim(-1, axis.get_ylim()[1] * 1.1)
    _legend(axis, loc='upper right')
    return _png(figure)


#: By the name of the figure.
FIGURES = {'figure4': plot_patch_sizes, 'figure5': plot_backbones}


def _figure(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, 4), layout='constrained')
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    axis.set_title(title, fontsize=10)
    axis.grid(alpha=0.3)
    return figure, axis


def _scatter(axis: Axes, points: Sequence[tuple[float, float | None]], style: Style) -> None:
    there = [(x, y) for x, y in points if y is not None]
    if there:
        axis.plot(*zip(*there, strict=True), **style)


def _legend(*axes: Axes, **place: Any) -> None:
    """One legend for all axes, each label once."""
    found: dict[str, Artist] = {}
    for axis in axes:
        handles, labels = axis.get_legend_handles_labels()
        found.update(zip(labels, handles, strict=True))
    axes[0].legend([*found.values()], [*found], fontsize=8, **place)


def _png(figure: Figure) -> bytes:
    out = BytesIO()
    # Without the version of matplotlib, the file is reproducible.
    figure.savefig(out, dpi=110, format='png', metadata={'Software': None})
    return out.getvalue()
