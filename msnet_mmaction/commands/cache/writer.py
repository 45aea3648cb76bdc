"""Writing the cache of frames; a run continues where the last one was interrupted."""

import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import as_completed
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import cv2
from mmengine.utils import ProgressBar

from ...datasets.errors import DataError
from ...datasets.readers.frame_cache import VERSION, encode_frame
from ...datasets.readers.video import open_video
from ...utils.processes import process_pool
from ...utils.video_files import video_path

#: Seconds between two commits: an interruption loses at most this work.
_COMMIT_EVERY = 5

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE videos (name TEXT PRIMARY KEY, first INTEGER, num_frames INTEGER, frame_rate REAL,
                     source_bytes INTEGER) WITHOUT ROWID;
CREATE TABLE frames (id INTEGER PRIMARY KEY, crc32 INTEGER, data BLOB);
"""


class _Video(NamedTuple):
    """A video to add, the task of a worker."""

    name: str
    path: str
    size: tuple[int, int]
    quality: int | None


class _Content(NamedTuple):
    frame_rate: float
    source_bytes: int
    frames: list[bytes]


def write_frame_cache(
    path: str | os.PathLike,
    videos: dict[str, str],
    size: tuple[int, int] = (240, 320),
    quality: int | None = 95,
    workers: int = 0,
    show_progress: bool = True,
    verify: bool = False,
) -> dict[str, str]:
    """Add the resized frames of videos to a cache, except of videos that are in it already.

    Videos whose files have changed are replaced, and videos that are not in ``videos`` are removed.

    Args:
        path: The cache file. A new one is made if there is none.
        videos: Path of each video by its name in the cache.
        size: Height and width of a frame in the cache.
        quality: Quality of the JPEGs, 1 to 100; None stores the frames without loss.
        workers: Number of processes that decode; 0 decodes in this one.
        show_progress: Whether to show a progress bar.
        verify: Whether to read all frames in the cache, and to replace videos with a damaged frame.

    Returns:
        Error of each video that could not be read, by its name. They are not in the cache.

    Raises:
        DataError: If the file is not a cache, has other settings, or is too damaged to be read.
    """
    settings = {'version': VERSION, 'height': size[0], 'width': size[1], 'quality': quality}
    try:
        with closing(_open(path, settings)) as database:
            damaged = set(_damaged(database, show_progress)) if verify else set()
            known = dict(database.execute('SELECT name, source_bytes FROM videos'))
            sizes = {name: _size(file) for name, file in videos.items()}
            outdated = [name for name in known if name in damaged or sizes.get(name) != known[name]]
            wanted = [
                _Video(name, file, size, quality)
                for name, file in videos.items()
                if name in damaged or known.get(name) != sizes[name]
            ]
            if not wanted and not outdated and _is_complete(database):
                return {}
            _set_complete(database, False)
            for name in outdated:
                _remove(database, name)
            database.commit()
            bar = ProgressBar(len(wanted)) if wanted and show_progress else None
            failures = _add_all(database, wanted, workers, bar)
            _set_complete(database, True)
            database.commit()
        return failures
    except sqlite3.OperationalError as error:  # a full disk, or another process that writes to it
        raise DataError(f'{path} can not be written: {error}') from error
    except sqlite3.DatabaseError as error:
        raise DataError(f'{path} is damaged ({error}): delete it and make it anew') from error


def _open(path: str | os.PathLike, settings: dict) -> sqlite3.Connection:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    new = not os.path.exists(path) or not os.path.getsize(path)
    database = sqlite3.connect(path)
    try:
        if new:
            # Measured: larger pages are read faster, but waste more space after each frame.
            database.execute('PRAGMA page_size = 16384')
            database.executescript(f'BEGIN; {_TABLES} COMMIT;')
            rows = (settings | {'complete': 0}).items()
            database.executemany('INSERT INTO meta VALUES (?, ?)', rows)
            database.commit()
        found = dict(database.execute('SELECT key, value FROM meta'))
    except sqlite3.DatabaseError as error:
        database.close()
        raise DataError(f'{path} is not a cache of frames, or damaged ({error})') from error
    found.pop('complete', None)
    if found != settings:
        database.close()
        raise DataError(
            f'{path} was made with {found}, not with {settings}: delete it, or choose another file'
        )
    return database


def _damaged(database: sqlite3.Connection, show_progress: bool) -> Iterator[str]:
    """Names of the videos with a frame that is missing or has another checksum."""
    videos = database.execute('SELECT name, first, num_frames FROM videos').fetchall()
    if show_progress and videos:
        print(f'Reading the frames of {len(videos):,} videos:')
    bar = ProgressBar(len(videos)) if show_progress and videos else None
    for name, first, num_frames in videos:
        frames = database.execute(
            'SELECT crc32, data FROM frames WHERE id BETWEEN ? AND ?',
            [first, first + num_frames - 1],
        )
        good = sum(zlib.crc32(data) == crc32 for crc32, data in frames)
        if good != num_frames:
            print(f'\n{name} is damaged: {num_frames - good} of {num_frames} frames')
            yield name
        if bar is not None:
            bar.update()


def _add_all(
    database: sqlite3.Connection, videos: list[_Video], workers: int, bar: ProgressBar | None
) -> dict[str, str]:
    failures = {}
    committed = time.monotonic()
    for video, content in _contents(videos, workers):
        if isinstance(content, _Content):
            _add(database, video.name, content)
        else:
            failures[video.name] = content
        if time.monotonic() - committed > _COMMIT_EVERY:
            database.commit()
            committed = time.monotonic()
        if bar is not None:
            bar.update()
    database.commit()
    return failures


def _contents(videos: list[_Video], workers: int) -> Iterator[tuple[_Video, _Content | str]]:
    """Each video with its content or its error, in the order of completion."""
    if not workers:
        yield from ((video, _encode(video)) for video in videos)
        return
    with process_pool(workers) as pool:
        left = iter(videos)
        # Only so many at a time: all frames of a video are in memory.
        pending = {pool.submit(_encode, video): video for video in islice(left, 4 * workers)}
        while pending:
            done = next(as_completed(pending))
            yield pending.pop(done), done.result()
            for video in islice(left, 1):
                pending[pool.submit(_encode, video)] = video


def _encode(video: _Video) -> _Content | str:
    try:
        data = Path(video.path).read_bytes()
        reader = open_video(data, video.path)
        frames = reader.read(range(reader.num_frames))
    except (DataError, OSError, RuntimeError) as error:
        return str(error)
    height, width = video.size
    frames = [cv2.resize(frame, (width, height)) for frame in frames]
    pictures = [encode_frame(frame, video.quality) for frame in frames]
    return _Content(reader.frame_rate, len(data), pictures)


def _add(database: sqlite3.Connection, name: str, content: _Content) -> None:
    ((first,),) = database.execute('SELECT COALESCE(MAX(id), 0) + 1 FROM frames')
    rows = [(first + i, zlib.crc32(data), data) for i, data in enumerate(content.frames)]
    database.executemany('INSERT INTO frames VALUES (?, ?, ?)', rows)
    video = (name, first, len(content.frames), content.frame_rate, content.source_bytes)
    database.execute('INSERT INTO videos VALUES (?, ?, ?, ?, ?)', video)


def _remove(database: sqlite3.Connection, name: str) -> None:
    query = 'SELECT first, first + num_frames - 1 FROM videos WHERE name = ?'
    (span,) = database.execute(query, [name]).fetchall()
    database.execute('DELETE FROM frames WHERE id BETWEEN ? AND ?', span)
    database.execute('DELETE FROM videos WHERE name = ?', [name])


def _size(path: str) -> int | None:
    return os.path.getsize(path) if os.path.exists(path) else None


def _is_complete(database: sqlite3.Connection) -> bool:
    ((complete,),) = database.execute("SELECT value FROM meta WHERE key = 'complete'")
    return bool(complete)


def _set_complete(database: sqlite3.Connection, complete: bool) -> None:
    database.execute("UPDATE meta SET value = ? WHERE key = 'complete'", [int(complete)])


def named_videos(names: Iterable[str], root: str) -> dict[str, str]:
    """Paths of videos by their names in a cache, which are relative to the root of the data."""
    return {os.path.relpath(path, root): path for path in map(video_path, names)}
