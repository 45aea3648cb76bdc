"""Errors as a table and as plots."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .measure import Quality

_SHARES = np.linspace(0.02, 1, 50)


def quality_table(quality: Quality) -> str:
    """A Markdown table: the errors of each estimate, at all and at the most confident positions."""
    lines = [
        f'| | EPE, mean | median | within {quality.pixels_per_position:g} px | angular error |',
        '|---|---|---|---|---|',
    ]
    for name, errors in quality.errors.items():
        rows = {name: errors}
        if errors.confidence is not None:
            rows |= {f'{name}, surest {s:.0%}': errors.most_confident(s) for s in (0.5, 0.1)}
        for label, part in rows.items():
            s = part.summary(quality.pixels_per_position)
            lines.append(
                f'| {label} | {s["epe_mean"]:.2f} | {s["epe_median"]:.2f} | '
                f'{s["inlier_ratio"]:.0%} | {s["angular_mean"]:.1f}° |'
            )
    return '\n'.join(lines)


def quality_figure(quality: Quality, title: str) -> Figure:
    """Two plots: the error by confidence, and the sparsification curve with its oracle.

    An estimate without a confidence is a horizontal line.
    """
    figure = Figure(figsize=(11.5, 4), layout='constrained')
    figure.suptitle(title)
    left, right = figure.subplots(1, 2)
    for number, (name, errors) in enumerate(quality.errors.items()):
        color = f'C{number}'
        if errors.confidence is None:
            for ax in (left, right):
                ax.axhline(errors.endpoint_error.mean(), color=color, linestyle=':', label=name)
            continue
        parts = errors.by_confidence()
        left.plot(np.arange(len(parts)) + 0.5, parts, marker='o', color=color, label=name)
        right.plot(100 * _SHARES, errors.sparsification_curve(_SHARES), color=color, label=name)
        right.plot(
            100 * _SHARES,
            errors.oracle_curve(_SHARES),
            color=color,
            linestyle='--',
            linewidth=0.8,
            label=f'{name}, best possible order',
        )
    _finish(left, 'tenth of the positions, from least to most confident', 'of that tenth')
    left.set_xticks(np.arange(10) + 0.5, [str(n) for n in range(1, 11)])
    _finish(right, 'kept: the most confident per cent of the positions', 'of what is kept')
    figure.legend(*right.get_legend_handles_labels(), loc='outside right center', fontsize=8)
    return figure


def _finish(ax: Axes, xlabel: str, which: str) -> None:
    ax.set_xlabel(xlabel)
    ax.set_ylabel(f'mean end-point error {which}, px')
    ax.set_ylim(bottom=0)
    ax.grid(alpha=0.3)
