"""Predict the classes of videos.

Examples::

    python -m msnet_mmaction predict CONFIG CHECKPOINT VIDEO.mp4 FOLDER LIST.txt TABLE.csv
    python -m msnet_mmaction predict CONFIG CHECKPOINT FOLDER --out predictions.csv
    python -m msnet_mmaction predict CONFIG CHECKPOINT LONG.mp4 --window 4 --segments
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import TextIO

from mmengine.config import Config, DictAction
from mmengine.utils import ProgressBar

from ...apis import (
    Prediction,
    find_inputs,
    iter_predictions,
    load_recognizer,
    merge_windows,
)
from ...checkpoints import CheckpointError
from ...datasets import DataError, load_classes
from ...utils.configs import config_path
from .writers import FORMATS, SUFFIXES, LineWriter, write_features, write_motion

USER_ERRORS = (ValueError, OSError, CheckpointError, DataError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('config', type=config_path)
    parser.add_argument('checkpoint')
    parser.add_argument(
        'inputs',
        nargs='+',
        help='video files, folders of videos or of frames, lists (.txt), tables (.csv); with '
        '--window also addresses of streams and cameras (/dev/video0)',
    )
    parser.add_argument('--out', type=Path, help='.csv, .jsonl or .txt; by default a table here')
    parser.add_argument('--top', type=int, default=5, help='number of classes: 5')
    parser.add_argument('--classes', help='file with the name of a class a line')
    parser.add_argument('--clips', type=int, help='of a video; by default as in a test')
    parser.add_argument(
        '--crops', type=int, choices=(1, 3, 10), help='of a frame; by default as in a test'
    )
    parser.add_argument('--batch-size', type=int, default=1, help='videos or windows at once: 1')
    parser.add_argument('--workers', type=int, default=0, help='processes that read videos: 0')
    parser.add_argument(
        '--window', type=float, metavar='SECONDS', help='predict windows along each video'
    )
    parser.add_argument(
        '--step', type=float, metavar='SECONDS', help='distance of windows; half of one by default'
    )
    parser.add_argument(
        '--segments', action='store_true', help='merge windows of one class that follow each other'
    )
    parser.add_argument(
        '--threshold', type=float, default=0.0, help='least score of a window in a segment: 0'
    )
    parser.add_argument('--fps', type=float, help='of folders of frames, for windows')
    parser.add_argument('--features', type=Path, metavar='FILE.npz', help='write features')
    parser.add_argument('--layer', default='backbone', help='whose output they are: backbone')
    parser.add_argument('--motion', type=Path, metavar='FOLDER', help='write motion, a npz a video')
    parser.add_argument('--device', help='default: a GPU if there is one')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={})


def run(args: argparse.Namespace) -> int:
    """Predict; report videos that can't be read at the end."""
    kind = _check(args)
    cfg = Config.fromfile(args.config)
    cfg.merge_from_dict(args.cfg_options)
    classes = None if args.classes is None else load_classes(args.classes)
    total = len(list(find_inputs(args.inputs)))
    with redirect_stdout(sys.stderr):  # MMEngine tells what it loads; the table is for stdout
        model = load_recognizer(cfg, args.checkpoint, args.device)
    predictions = iter_predictions(
        model,
        args.inputs,
        batch_size=args.batch_size,
        workers=args.workers,
        clips=args.clips,
        crops=args.crops,
        classes=classes,
        window=args.window,
        step=args.step,
        fps=args.fps,
        features=args.layer if args.features else None,
        motion=args.motion is not None,
    )
    broken: list[Prediction] = []
    written: list[Prediction] = []
    with ExitStack() as stack:
        writer = FORMATS[kind](stack.enter_context(_Output(args.out)), args.top)
        written_ones = _write_arrays(predictions, args, written)
        if args.segments:
            written_ones = merge_windows(written_ones, args.threshold)
        _write_lines(written_ones, writer, broken, total if args.out else 0, args)
    if args.features and written:
        write_features(args.features, written, args.layer)
    for path in filter(None, (args.out, args.features, args.motion)):
        if path.exists():
            print(f'written: {path}', file=sys.stderr)
    for prediction in broken:
        print(f'not read: {prediction.name}: {prediction.error}', file=sys.stderr)
    if broken:
        print(f'{len(broken)} of {total} inputs could not be read', file=sys.stderr)
    return 1 if broken else 0


class _Output:
    """A file that appears with its first line, or the terminal."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = sys.stdout if path is None else None

    def __enter__(self) -> '_Output':
        return self

    def __exit__(self, *_: object) -> None:
        if self._path is not None and self._file is not None:
            self._file.close()

    def write(self, text: str) -> int:
        """Write; the file is opened the first time.

        Names of files may hold bytes that are no text: the file gets them, a terminal escapes.
        """
        if self._file is None and self._path is not None:
            self._file = self._path.open(
                'w', encoding='utf-8', errors='surrogateescape', newline=''
            )
        if self._path is None:
            text = text.encode('utf-8', 'backslashreplace').decode('utf-8')
        return 0 if self._file is None else self._file.write(text)

    def flush(self) -> None:
        """Write what waits."""
        if self._file is not None:
            self._file.flush()


def _check(args: argparse.Namespace) -> str:
    """Check all arguments before the network is built; return the format."""
    for option in ('top', 'batch_size', 'window', 'step', 'fps', 'clips'):
        if getattr(args, option) is not None and not getattr(args, option) > 0:
            raise ValueError(f'--{option.replace("_", "-")} must be positive')
    if args.window is None and (args.segments or args.step):
        raise ValueError('--segments and --step are of windows: give --window SECONDS as well')
    if args.segments and (args.features or args.motion):
        raise ValueError('--features and --motion are of windows, not of segments: leave one out')
    for path in (args.out, args.features):
        if path is not None:
            _check_writable(path)
    if args.features is not None and args.features.suffix != '.npz':
        raise ValueError(f'--features writes a .npz file, not {args.features.name}')
    if args.motion is not None:
        if args.motion.exists() and not args.motion.is_dir():
            raise NotADirectoryError(f'--motion {args.motion} is no folder')
        _check_writable(args.motion)
    if args.out is None:
        return 'table'
    if args.out.suffix.lower() not in SUFFIXES:
        raise ValueError(f'--out {args.out}: its suffix is none of {", ".join(SUFFIXES)}')
    return SUFFIXES[args.out.suffix.lower()]


def _check_writable(path: Path) -> None:
    if not path.parent.is_dir():
        raise FileNotFoundError(f'{path}: there is no folder {path.parent}')
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(f'{path} cannot be written')


def _write_arrays(
    predictions: Iterable[Prediction], args: argparse.Namespace, written: list[Prediction]
) -> Iterator[Prediction]:
    """Write motion as it is found; keep what the file of features takes."""
    for number, prediction in enumerate(predictions, start=1):
        if prediction.scores is not None:
            if args.motion is not None:
                args.motion.mkdir(exist_ok=True)
                write_motion(args.motion, number, prediction)
            if args.features is not None:
                written.append(prediction._replace(motion=None))
        yield prediction


def _write_lines(
    predictions: Iterable[Prediction],
    writer: LineWriter,
    broken: list[Prediction],
    total: int,
    args: argparse.Namespace,
) -> None:
    """Write a line each, with progress where the lines go into a file."""
    show = total and args.window is None
    progress = ProgressBar(total, file=sys.stderr) if show else None
    for prediction in predictions:
        if prediction.error is None:
            writer.write(prediction)
        else:
            broken.append(prediction)
        if progress is not None:
            progress.update()
        elif total:
            print(f'\r{prediction.name}: {prediction.end or 0:.1f} s', end='', file=sys.stderr)
    if total:
        print(file=sys.stderr)
