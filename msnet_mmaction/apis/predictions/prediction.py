"""A prediction, and the merging of predictions of windows into segments."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from ...structures import MotionField


class Prediction(NamedTuple):
    """The prediction of a network for a video or a window of it.

    Attributes:
        name: Path or address of the video, or ``array`` and a number.
        scores: Score of each class, (K,), probabilities if the head averages these; None if the
            video can't be read.
        classes: Names of the classes; None if unknown.
        error: The error, if the video can't be read; else None.
        start: Time of the beginning of the window, in seconds; None for a whole video.
        end: Time of its end, likewise.
        features: Mean of a layer's output, (C,), if requested.
        motion: Fields of the first clip, as in :class:`.VideoMotion`, if requested.
        frame_times: Times of the frames of the first clip, in seconds, (T,), if motion is
            requested; indices of the frames if the source has no frame rate.
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

    @property
    def span(self) -> tuple[float, float]:
        """Beginning and end of the window, in seconds.

        Raises:
            ValueError: If it is of a whole video.
        """
        if self.start is None or self.end is None:
            raise ValueError(f'the prediction of {self.name} is of no window')
        return self.start, self.end

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
    """Merge consecutive windows of one class into segments.

    If windows of different classes overlap, their segments meet in the middle of the overlap. Only
    the open segment is kept in memory.

    Args:
        windows: Predictions of windows in order, video by video.
        threshold: Windows whose highest score is lower belong to no segment.

    Yields:
        A prediction for each segment, with the mean of the scores of its windows. Predictions
        without a time, such as of files that can't be read, are passed on.
    """
    segment: _Segment | None = None
    for window in windows:
        is_timed = window.scores is not None and window.start is not None
        if not is_timed or window.score < threshold:
            if segment is not None:
                yield segment.prediction()
            segment = None
            if not is_timed:
                yield window
        elif segment is not None and segment.goes_on_with(window):
            segment.add(window)
        else:
            following = _Segment(window)
            if segment is not None:
                segment.meet(following)
                yield segment.prediction()
            segment = following
    if segment is not None:
        yield segment.prediction()


class _Segment:
    """Windows of one class that follow each other."""

    def __init__(self, window: Prediction) -> None:
        self._first = window._replace(features=None, motion=None)
        self.start, self.end = window.span
        self._total, self._count = np.zeros_like(window.scores, dtype=float), 0
        self.add(window)

    def goes_on_with(self, window: Prediction) -> bool:
        return self._first.name == window.name and self._first.label == window.label

    def add(self, window: Prediction) -> None:
        self.end = window.span[1]
        self._total = self._total + window.scores
        self._count += 1

    def meet(self, following: '_Segment') -> None:
        """End where the following one of the same video begins, in the middle of an overlap."""
        if following._first.name == self._first.name and following.start < self.end:
            self.end = following.start = (following.start + self.end) / 2

    def prediction(self) -> Prediction:
        scores = self._total / self._count
        return self._first._replace(start=self.start, end=self.end, scores=scores)
