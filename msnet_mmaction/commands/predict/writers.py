"""Writers of predictions: line by line, and arrays of all predictions."""

import csv
import json
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ...apis import Prediction
from ...utils.files import atomic_write


class Text(Protocol):
    """A file for lines of text."""

    def write(self, text: str, /) -> int:
        """Write."""

    def flush(self) -> None:
        """Write what waits."""


class LineWriter(Protocol):
    """Writes a prediction as soon as it is made."""

    def write(self, prediction: Prediction) -> None:
        """Write one that holds scores."""


class TableWriter:
    """Columns for a terminal.

    Args:
        file: Where to write.
        top: Number of classes.
    """

    def __init__(self, file: Text, top: int) -> None:
        self._file, self._top = file, top

    def write(self, prediction: Prediction) -> None:
        """Write a line."""
        window = _window(prediction)
        time = f'  {window[0]:9.2f} -{window[1]:9.2f} s' if window else ''
        classes = '   '.join(f'{score:6.1%} {name}' for name, score in prediction.top(self._top))
        print(f'{prediction.name}{time}  {classes}', file=self._file, flush=True)


class CsvWriter:
    """A csv file: ``file``, ``start`` and ``end`` of windows, then ``class_1``, ``score_1``, ...

    Args:
        file: Where to write.
        top: Number of classes.
    """

    def __init__(self, file: Text, top: int) -> None:
        self._file, self._csv, self._top = file, csv.writer(file), top
        self._begun = False

    def write(self, prediction: Prediction) -> None:
        """Write a row, after the header if it is the first."""
        window, top = _window(prediction), prediction.top(self._top)
        if not self._begun:
            names = [f'{word}_{n}' for n in range(1, len(top) + 1) for word in ('class', 'score')]
            self._csv.writerow(['file', *(('start', 'end') if window else ()), *names])
            self._begun = True
        cells = [cell for name, score in top for cell in (name, f'{score:.6f}')]
        self._csv.writerow([prediction.name, *(f'{t:.3f}' for t in window), *cells])
        self._file.flush()


class JsonLinesWriter:
    """A JSON object a line.

    Args:
        file: Where to write.
        top: Number of classes.
    """

    def __init__(self, file: Text, top: int) -> None:
        self._file, self._top = file, top

    def write(self, prediction: Prediction) -> None:
        """Write a line."""
        window = dict(zip(('start', 'end'), _window(prediction), strict=False))
        top = [{'class': name, 'score': score} for name, score in prediction.top(self._top)]
        line = json.dumps({'file': prediction.name, **window, 'top': top}, ensure_ascii=False)
        print(line, file=self._file, flush=True)


def _window(prediction: Prediction) -> tuple[float, ...]:
    return () if prediction.start is None else prediction.span


#: Writers by the name of the format, and formats by the suffix of a file.
FORMATS: dict[str, Callable[[Text, int], LineWriter]] = {
    'table': TableWriter,
    'csv': CsvWriter,
    'jsonl': JsonLinesWriter,
}
SUFFIXES = {'.csv': 'csv', '.jsonl': 'jsonl', '.txt': 'table'}


def write_features(path: Path, predictions: Sequence[Prediction], layer: str) -> None:
    """Write features and scores of all predictions as one npz file.

    It holds ``files`` (N,), ``features`` (N, C), ``scores`` (N, K), the name of the ``layer``, and
    of windows ``start`` and ``end`` (N,), in seconds.
    """
    arrays = dict(
        files=np.array([prediction.name for prediction in predictions]),
        features=np.stack([np.asarray(prediction.features) for prediction in predictions]),
        scores=np.stack([np.asarray(prediction.scores) for prediction in predictions]),
        layer=np.array(layer),
    )
    if predictions[0].start is not None:
        arrays |= {
            key: np.array([getattr(p, key) for p in predictions]) for key in ('start', 'end')
        }
    _save(path, arrays)


def write_motion(folder: Path, number: int, prediction: Prediction) -> None:
    """Write the motion of a video, or a window, as an npz file of its own.

    It holds the ``name`` of the video; the ``times`` (T,) of the frames, in seconds; and its
    ``displacement`` (T - 1, 2, h, w), x then y, in pixels of the network's input, whose
    ``input_size`` is height and width, and its ``confidence`` (T - 1, h, w). The keys of a second
    field, and so on, begin with the name of its layer.
    """
    fields, size = prediction.motion or {}, prediction.input_size or (0, 0)
    arrays = dict(
        name=np.array(prediction.name),
        times=np.asarray(prediction.frame_times),
        input_size=np.array(size),
        layers=np.array([*fields]),
    )
    for place, (name, field) in enumerate(fields.items()):
        prefix = f'{name}.' if place else ''
        arrays[f'{prefix}displacement'] = field.in_pixels(*size).numpy()
        if field.confidence is not None:
            arrays[f'{prefix}confidence'] = field.confidence.numpy()
    stem = re.sub(r'[^\w.-]', '_', os.path.splitext(os.path.basename(prediction.name))[0])
    _save(folder / f'{number:06}_{stem}.npz', arrays)


def _save(path: Path, arrays: dict[str, Any]) -> None:
    with atomic_write(path) as part:
        np.savez(part, **arrays)
