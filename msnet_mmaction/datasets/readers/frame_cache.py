"""Resized frames of a whole split in one file, an SQLite database.

SQLite loses no committed data when a run is interrupted, finds one of ten million pictures in
microseconds, and needs no installation. The tables::

    meta      key, value: version, height, width, quality, complete
    videos    name (relative to the root of the data), first (id of its first frame), num_frames,
              frame_rate, source_bytes (size of the file that it was read from)
    frames    id, crc32 of the data, data: JPEG, or plain bytes (height, width, 3) if lossless
"""

import os
import sqlite3
import zlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from ...utils.video_files import video_path
from ..errors import DataError

VERSION = 1


def encode_frame(frame: np.ndarray, quality: int | None) -> bytes:
    """Encode a frame, uint8 RGB (H, W, 3), as JPEG, or as plain bytes if the quality is None."""
    if quality is None:
        return frame.tobytes()
    parameters = [cv2.IMWRITE_JPEG_QUALITY, quality]
    return cv2.imencode('.jpg', cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), parameters)[1].tobytes()


def decode_frame(data: bytes, size: tuple[int, int], quality: int | None) -> np.ndarray:
    """The inverse of :func:`encode_frame`; ``size`` is height and width."""
    plain = np.frombuffer(data, np.uint8)
    if quality is None:
        return plain.reshape(*size, 3).copy()  # the bytes of SQLite are read-only
    picture = cv2.imdecode(plain, cv2.IMREAD_COLOR)
    if picture is None:
        raise DataError('the cache has a frame that is not a picture')
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


class FrameCache:
    """The frames in a cache file, read-only; any number of processes may read at once.

    Args:
        path: The file.

    Raises:
        DataError: If it is missing, not a cache, or not complete.
    """

    def __init__(self, path: str | os.PathLike) -> None:
        self.path = str(path)
        if not os.path.exists(path):
            raise DataError(f'{path} does not exist: make it with: python -m msnet_mmaction cache')
        # Immutable: no locks are taken, which network disks are bad at.
        uri = f'{Path(path).absolute().as_uri()}?mode=ro&immutable=1'
        try:
            self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
            meta = dict(self._database.execute('SELECT key, value FROM meta'))
        except sqlite3.DatabaseError as error:
            raise DataError(f'{path} is not a cache of frames ({error})') from error
        if meta['version'] != VERSION:
            raise DataError(f'{path} was made by another version of this package: make it anew')
        if not meta['complete']:
            raise DataError(
                f'{path} is not complete: run python -m msnet_mmaction cache again as before, it '
                'goes on from where it was interrupted'
            )
        self.size = (meta['height'], meta['width'])
        self.quality: int | None = meta['quality']

    def open(self, name: str, source: str | None = None) -> 'CachedVideo':
        """A video, as a reader of :mod:`.video`.

        Args:
            name: Its name in the cache.
            source: Path of the file that it was made from; if it still exists, its size must be
                the one of that time.

        Raises:
            DataError: If the cache lacks the video or its file has changed since.
        """
        row = self._query(
            'SELECT first, num_frames, frame_rate, source_bytes FROM videos WHERE name = ?', name
        )
        if not row:
            raise DataError(
                f'{self.path} holds no {name}: it was made from another list or with another root, '
                'or the video could not be read then'
            )
        first, num_frames, frame_rate, source_bytes = row[0]
        if source and os.path.exists(source) and os.path.getsize(source) != source_bytes:
            raise DataError(
                f'{source} has changed since its frames were put into {self.path}: run '
                'python -m msnet_mmaction cache again, it replaces what has changed'
            )
        return CachedVideo(self, name, first, num_frames, frame_rate)

    def read(self, name: str, ids: Sequence[int]) -> list[np.ndarray]:
        """Frames by their ids, which :class:`CachedVideo` knows.

        Raises:
            DataError: If one is missing or damaged.
        """
        marks = ', '.join('?' * len(ids))
        rows = self._query(f'SELECT id, crc32, data FROM frames WHERE id IN ({marks})', *ids)
        found = {}
        for number, crc32, data in rows:
            if zlib.crc32(data) != crc32:
                raise self._damaged(f'a frame of {name} is not what was written')
            found[number] = decode_frame(data, self.size, self.quality)
        if len(found) != len(ids):
            raise self._damaged(f'{len(ids) - len(found)} frames of {name} are missing')
        return [found[number] for number in ids]

    def _query(self, query: str, *values: str | int) -> list[tuple]:
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._damaged(str(error)) from error

    def _damaged(self, what: str) -> DataError:
        return DataError(f'{self.path} is damaged ({what}): delete it and make it anew')


class CachedVideo:
    """A video in a cache; a :class:`.VideoReader`."""

    def __init__(
        self, cache: FrameCache, name: str, first: int, num_frames: int, frame_rate: float
    ) -> None:
        self.num_frames = num_frames
        self.frame_rate = frame_rate
        self._cache, self._name, self._first = cache, name, first

    def __len__(self) -> int:
        return self.num_frames

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Frames, see :meth:`.video.VideoReader.read`."""
        return self._cache.read(self._name, [self._first + index for index in indices])


@TRANSFORMS.register_module()
class FrameCacheInit(BaseTransform):
    """Open a video in a cache instead of its file; it replaces ``VideoInit``.

    A sample that has ``imgs`` already, such as of a camera, is not changed.

    Args:
        cache: Path of the cache file, made by ``python -m msnet_mmaction cache``.
        root: Folder of the videos, as in the dataset's ``data_prefix``.
    """

    def __init__(self, cache: str, root: str) -> None:
        self.cache = cache
        self.root = root
        self._opened: tuple[int, FrameCache] | None = None

    def transform(self, results: dict) -> dict:
        """Set ``video_reader``, ``total_frames`` and ``avg_fps``."""
        if 'imgs' in results:
            return results
        # SQLite's connections must not be shared with a forked process.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), FrameCache(self.cache)
        source = video_path(results['filename'])
        reader = self._opened[1].open(os.path.relpath(source, self.root), source)
        results['video_reader'] = reader
        results['total_frames'] = reader.num_frames
        results['avg_fps'] = reader.frame_rate
        return results

    def __getstate__(self) -> dict:
        return self.__dict__ | {'_opened': None}

    def __repr__(self) -> str:
        return f'{type(self).__name__}(cache={self.cache!r}, root={self.root!r})'
