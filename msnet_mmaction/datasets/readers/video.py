"""Frames of a video file by their index.

A reader takes the bytes of a file and returns RGB frames by their index in the order of display,
independent of their times, as decord does and as folders of extracted frames are. PyAV is tried
first, then decord.
"""

import io
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from mmengine.logging import print_log

from ..errors import DataError
from .pyav_reader import PyAVReader


class VideoReader(Protocol):
    """A reader of the frames of one video.

    Attributes:
        num_frames: Number of frames.
        frame_rate: Mean number of frames a second.
    """

    num_frames: int
    frame_rate: float

    def __len__(self) -> int: ...

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Decode frames.

        Args:
            indices: Distinct indices of frames, in any order.

        Returns:
            A frame for each index, (H, W, 3), uint8 RGB.
        """


class DecordReader:
    """Frames by decord.

    Args:
        data: The content of a video file.
        num_threads: Number of threads of the decoder.
    """

    def __init__(self, data: bytes, num_threads: int = 1) -> None:
        import decord

        self._reader = decord.VideoReader(io.BytesIO(data), num_threads=num_threads)
        self.num_frames = len(self._reader)
        self.frame_rate = self._reader.get_avg_fps()

    def __len__(self) -> int:
        return self.num_frames

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Decode frames, see :meth:`VideoReader.read`."""
        return list(self._reader.get_batch(indices).asnumpy())


#: Readers by their names in configs.
READERS: dict[str, Callable[[bytes, int], VideoReader]] = {
    'pyav': PyAVReader,
    'decord': DecordReader,
}


def open_video(
    data: bytes, path: str, backends: Sequence[str] = tuple(READERS), num_threads: int = 1
) -> VideoReader:
    """Open a video with the first backend that can read it.

    Args:
        data: The content of the file.
        path: Its path, for errors.
        backends: Names in ``READERS``, in the order in which they are tried.
        num_threads: Number of threads of the decoder.

    Raises:
        DataError: If the file is empty or no backend can read it; it names the cause of each.
    """
    if not data:
        raise DataError(f'{path} is an empty file')
    causes = {}
    for backend in backends:
        try:
            reader = READERS[backend](data, num_threads)
        except Exception as error:
            causes[backend] = f'{backend}: {" ".join(str(error).split())[:200]}'
            continue
        for failed, cause in causes.items():
            _report(failed, f'{cause}. {backend} reads {path} instead, and others where need be')
        return reader
    raise DataError(f'{path} can not be opened. {". ".join(causes.values())}')


_reported: set[str] = set()


def _report(backend: str, message: str) -> None:
    """Warn once in a process that a backend failed: there may be thousands of such videos."""
    if backend not in _reported:
        _reported.add(backend)
        print_log(message, 'current', logging.WARNING)
