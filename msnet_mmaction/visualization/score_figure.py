"""The scores of some classes along a video."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure


def score_figure(
    starts: np.ndarray, ends: np.ndarray, scores: np.ndarray, class_names: Sequence[str]
) -> Figure:
    """Draw scores over time: a line a class, a point a window, at the window's middle.

    Args:
        starts: Time at which each of W windows begins, in seconds, (W,).
        ends: Time at which it ends, (W,).
        scores: Probabilities of K classes in them, (W, K).
        class_names: The K names.

    Returns:
        A figure that does not belong to pyplot.

    Raises:
        ValueError: If shapes disagree, or there is no window.
    """
    starts, ends, scores = np.asarray(starts), np.asarray(ends), np.asarray(scores)
    if scores.shape != (len(starts), len(class_names)) or len(ends) != len(starts) or not len(ends):
        raise ValueError(
            f'scores of {len(starts)} windows and {len(class_names)} classes are '
            f'({len(starts)}, {len(class_names)}), got {scores.shape}'
        )
    figure = Figure(figsize=(7, 3.2), layout='constrained')
    axes = figure.subplots()
    middles = (starts + ends) / 2
    lines = [axes.plot(middles, line, marker='o', markersize=4)[0] for line in scores.T]
    # The first and the last window reach to the ends of the axis.
    for window in (slice(0, 1), slice(-1, None)):
        for n, line in enumerate(scores.T):
            axes.hlines(line[window], starts[window], ends[window], colors=f'C{n}', alpha=0.35)
    axes.set_xlim(starts.min(), ends.max())
    axes.set_ylim(0, 1.02)
    axes.set_xlabel('time in the video (s)')
    axes.set_ylabel('score')
    axes.grid(alpha=0.3)
    labels = [_short(name) for name in class_names]
    figure.legend(lines, labels, loc='outside right upper', fontsize=8, frameon=False)
    return figure


def _short(name: str, length: int = 32) -> str:
    """A class name that fits beside the lines, and in which $ is no formula."""
    name = name if len(name) <= length else f'{name[: length - 1]}…'
    return name.replace('$', r'\$')
