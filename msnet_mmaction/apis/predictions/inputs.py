"""Inputs of predictions: files, folders, lists, tables, arrays, streams."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ...datasets import DataError
from ...datasets.readers.clip import PICTURE_SUFFIXES
from ...datasets.readers.sample import ArrayFrames
from ...utils.video_files import is_video_file
from ...utils.video_tables import read_video_table

#: Inputs of :func:`msnet_mmaction.apis.predict`.
Input = str | os.PathLike | np.ndarray | Iterable


def find_inputs(inputs: Input) -> Iterator[str | ArrayFrames]:
    """Find the videos of inputs.

    Args:
        inputs: A video file; a folder of pictures, which is one video; a folder of videos or of
            such folders, at any depth; a list of paths (``.txt``, one a line, also a list of
            mmaction2) or a table (``.csv``, see :func:`.read_video_table`); an address such as
            ``rtsp://...``; an array (T, H, W, 3), uint8 RGB; or any iterable of these.

    Yields:
        Paths, addresses and arrays, in their order; the videos of a folder are sorted by name.

    Raises:
        DataError: If a folder or a list has no videos.
        TypeError: If an input is of another type.
    """
    yield from _find(inputs, [0])


def _find(inputs: Input, arrays: list[int]) -> Iterator[str | ArrayFrames]:
    if isinstance(inputs, np.ndarray):
        yield ArrayFrames(inputs, f'array {arrays[0]}')
        arrays[0] += 1
    elif isinstance(inputs, str | os.PathLike):
        yield from _find_path(str(inputs))
    elif isinstance(inputs, Iterable) and not isinstance(inputs, bytes):
        for one in inputs:
            yield from _find(one, arrays)
    else:
        raise TypeError(
            'predictions are made of paths, arrays (T, H, W, 3), or lists of these, not of a '
            f'{type(inputs).__name__}'
        )


def _find_path(path: str) -> Iterator[str]:
    if '://' in path:
        yield path
    elif os.path.isdir(path):
        found = sorted(_find_in_folder(Path(path)))
        if not found:
            raise DataError(f'{path} holds neither videos nor folders of frames')
        yield from map(str, found)
    elif path.lower().endswith('.csv'):
        try:
            rows = read_video_table(path)
        except ValueError as error:
            raise DataError(str(error)) from error
        yield from (str(row.path) for row in rows)
    elif path.lower().endswith('.txt'):
        yield from _read_list(Path(path))
    else:
        yield path  # one that is not there is told of with the broken ones


def _find_in_folder(folder: Path) -> Iterator[Path]:
    """Videos below a folder; without any in it, its pictures are one."""
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith('.')]
    videos = [entry for entry in entries if entry.is_file() and is_video_file(entry)]
    yield from videos
    if not videos and any(entry.suffix.lower() in PICTURE_SUFFIXES for entry in entries):
        yield folder
        return
    for entry in entries:
        if entry.is_dir():
            yield from _find_in_folder(entry)


def _read_list(path: Path) -> Iterator[str]:
    """Paths of a list, below its folder; numbers after a path, as in mmaction2's lists, go."""
    try:
        lines = path.read_text(encoding='utf-8-sig').splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f'{path} is not a text file in UTF-8: {error}') from error
    lines = [line.strip() for line in lines if line.strip()]
    if not lines:
        raise DataError(f'{path} is empty: a list holds a path a line')
    for line in lines:
        name = line
        while not (path.parent / name).exists() and name.rpartition(' ')[2].isdigit():
            name = name.rpartition(' ')[0].rstrip()
        yield str(path.parent / name)
