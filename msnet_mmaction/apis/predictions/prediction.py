"""A prediction, and predictions that follow each other in time as segments."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from ...structures import MotionField


class Prediction(NamedTuple):
    """What a network says of a video, or of a window of one.

    Attributes:
        name: The video's path, address, or ``array`` and a number.
        scores: Score of each class, (K,): probabilities, where the head averages these; None of a
            video that can't be read.
        classes: Names of the classes; None where nothing tells them.
        error: Why the video can't be read; None if it can.
        start: Time at which the window begins, in seconds; None of a whole video.
        end: Time at which it ends.
        features: Mean of the layer's output that was asked for, (C,).
        motion: The fields of the first clip, as in :class:`.VideoMotion`, if they were asked for.
        frame_times: Times of the frames of the first clip, in seconds, (T,), with the motion; of a
            source without a rate, the numbers of the frames.
        input_size: Height and width of the network's input, for :meth:`.MotionField.in_pixels`.
    """

    name: str
    scores: np.ndarray | None = None
    classes: list[str] | None = None
    error: str | None = None
    start: float | None = None
    end: float | None = None
    features: np.ndarray | None = None
    motion: dict[str, MotionField] | None = None
    frame_times: np.ndarray | None = None
    input_size: tuple[int, int] | None = None

    @property
    def label(self) -> int:
        """The class of the highest score."""
        return int(self._scores.argmax())

    @property
    def score(self) -> float:
        """The highest score."""
        return float(self._scores.max())

    def top(self, k: int = 5) -> list[tuple[str, float]]:
        """The names of the k classes of the highest scores, and these, the highest first."""
        order = np.argsort(-self._scores, kind='stable')[:k]
        return [(self.class_name(label), float(self._scores[label])) for label in order]

    def class_name(self, label: int) -> str:
        """The name of a class; ``class 3`` where nothing tells it."""
        return f'class {label}' if self.classes is None else self.classes[label]

    @property
    def _scores(self) -> np.ndarray:
        if self.scores is None:
            raise ValueError(f'{self.name} could not be read: {self.error}')
        return self.scores


def merge_windows(windows: Iterable[Prediction], threshold: float = 0.0) -> Iterator[Prediction]:
    """Windows of one class that follow each other, as one segment.

    Where two windows of different classes overlap, the segments meet in the middle of the overlap.
    Only what the open segment needs is kept.

    Args:
        windows: In their order; of one video after the other.
        threshold: Windows whose highest score is lower belong to no segment.

    Yields:
        A prediction a segment, with the mean of its windows' scores; and those without a time,
        such as of files that can't be read, as they come.
    """
    segment: Prediction | None = None
    count = 0
    for window in windows:
        if window.scores is None or window.start is None or window.score < threshold:
            if segment is not None:
                yield segment
            segment = None
            if window.scores is None or window.start is None:
                yield window
            continue
        follows = segment is not None and segment.name == window.name
        if follows and window.label == segment.label:
            count += 1
            scores = segment.scores + (window.scores - segment.scores) / count
            segment = segment._replace(end=window.end, scores=scores)
            continue
        start = window.start
        if segment is not None:
            if follows and start < segment.end:
                start = (start + segment.end) / 2
                segment = segment._replace(end=start)
            yield segment
        segment, count = window._replace(start=start, features=None, motion=None), 1
    if segment is not None:
        yield segment
