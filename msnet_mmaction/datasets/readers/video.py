"""Frames of a video file by their index: as few of them decoded as that takes.

A reader is given the bytes of a file and hands out RGB frames by their place in the order in which
a player shows them, whatever their times: a variable frame rate changes nothing, as in decord and
in folders of extracted frames. PyAV reads first, and decord where it can't.
"""

import io
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from mmengine.logging import print_log

from ...utils.pyav import import_av
from ..errors import DataError

#: Codecs in which a frame that says that no other refers to it may be left out: nobody misses it.
#: (In HEVC, frames of a higher temporal layer may refer to one that says so.)
_DROPPABLE = ('h264', 'mpeg4')


class VideoReader(Protocol):
    """What a reader offers.

    Attributes:
        num_frames: Number of frames.
        frame_rate: Mean number of frames a second.
    """

    num_frames: int
    frame_rate: float

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
    """

    def __init__(self, data: bytes) -> None:
        import decord

        self._reader = decord.VideoReader(io.BytesIO(data), num_threads=1)
        self.num_frames = len(self._reader)
        self.frame_rate = self._reader.get_avg_fps()

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Decode frames, see :meth:`VideoReader.read`."""
        return list(self._reader.get_batch(indices).asnumpy())


class PyAVReader:
    """Frames by PyAV, as few decoded as possible, and none but the wanted ones converted to RGB.

    The packets of the file are listed once, so it is known between which key frame and which
    packet the wanted frames lie. Decoding starts at that key frame and stops at that packet; gaps
    that hold another key frame are leapt over. Frames that nobody refers to are left out where the
    codec says so. All on one thread: the workers of a dataloader are the parallelism.

    A frame is rotated as the file asks for, like a player does.

    Args:
        data: The content of a video file.

    Raises:
        DataError: If it holds no video.
    """

    def __init__(self, data: bytes) -> None:
        av = import_av()
        self._error = av.error.FFmpegError
        container = av.open(io.BytesIO(data), metadata_errors='ignore')
        if not container.streams.video:
            raise DataError('there is no video in it')
        stream = container.streams.video[0]
        self._codec = stream.codec_context
        self._codec.thread_count = 1
        self._packets = [packet for packet in container.demux(stream) if packet.size]
        self.frame_rate = float(stream.average_rate or 0)

        # Shown are the frames of all packets but those that an edit list cuts off.
        shown = [i for i, packet in enumerate(self._packets) if not packet.is_discard]
        times = [self._packets[i].pts for i in shown]
        # VP8 has packets of which no frame is shown, and which do not say so.
        self._indexed = (
            None not in times and len(set(times)) == len(times) and self._codec.name != 'vp8'
        )
        if self._indexed:
            order = sorted(shown, key=lambda i: self._packets[i].pts)
            self._order = np.array(order, dtype=int)
            self.num_frames = len(order)
        else:
            self.num_frames = sum(1 for _ in self._decode(self._packets))
        if not self.num_frames:
            raise DataError('there is not one frame in it')

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Decode frames, see :meth:`VideoReader.read`.

        Raises:
            DataError: If one of them does not decode.
        """
        found = self._read_indexed(indices) if self._indexed else self._read_all(indices)
        missing = [index for index in indices if index not in found]
        if missing:
            raise DataError(
                f'{len(missing)} of the {len(indices)} frames asked for do not decode, the first '
                f'is frame {missing[0]} of {self.num_frames}'
            )
        return [found[index] for index in indices]

    def _read_indexed(self, indices: Iterable[int]) -> dict[int, np.ndarray]:
        index_of = {self._packets[self._order[index]].pts: index for index in indices}
        found = {}
        for first, last in self._ranges(index_of.values()):
            for frame in self._decode(self._packets[first : last + 1], index_of):
                if frame.pts in index_of:
                    found[index_of[frame.pts]] = _to_rgb(frame)
        return found

    def _read_all(self, indices: Iterable[int]) -> dict[int, np.ndarray]:
        wanted = set(indices)
        frames = enumerate(self._decode(self._packets))
        return {index: _to_rgb(frame) for index, frame in frames if index in wanted}

    def _ranges(self, indices: Iterable[int]) -> list[tuple[int, int]]:
        """The packets from which the wanted frames are decoded: first and last of each run."""
        # A key frame that is shown before a frame is one that it can be decoded from.
        keys = [
            (index, position)
            for index, position in enumerate(self._order.tolist())
            if self._packets[position].is_keyframe
        ]
        key_indices = [index for index, _ in keys]
        ranges: list[tuple[int, int]] = []
        for index in sorted(indices):
            last = int(self._order[index])
            before = int(np.searchsorted(key_indices, index, side='right')) - 1
            first = keys[before][1] if before >= 0 else 0
            if ranges and first <= ranges[-1][1] + 1:
                ranges[-1] = (ranges[-1][0], max(ranges[-1][1], last))
            else:
                ranges.append((first, last))
        return ranges

    def _decode(self, packets: Iterable, wanted: Iterable[int] | None = None) -> Iterable:
        """Decode packets; all of their frames, or at least those of the ``wanted`` times."""
        droppable = wanted is not None and self._codec.name in _DROPPABLE
        seconds = 0.0
        try:
            for packet in packets:
                seconds = float((packet.dts or 0) * packet.time_base)
                if droppable:
                    self._codec.skip_frame = 'DEFAULT' if packet.pts in wanted else 'NONREF'
                yield from self._codec.decode(packet)
            yield from self._codec.decode(None)
        except self._error as error:
            raise DataError(f'it does not decode at {seconds:.2f} s: {error}') from error
        finally:
            self._codec.flush_buffers()


def _to_rgb(frame: Any) -> np.ndarray:
    image = frame.to_ndarray(format='rgb24')
    turns = round(frame.rotation / 90)
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


#: By the name that a config gives.
READERS: dict[str, Callable[[bytes], VideoReader]] = {'pyav': PyAVReader, 'decord': DecordReader}


def open_video(data: bytes, path: str, backends: Sequence[str] = tuple(READERS)) -> VideoReader:
    """Open a video with the first backend that can read it.

    Args:
        data: The content of the file.
        path: Its path, for messages.
        backends: Names in ``READERS``, in the order in which they are tried.

    Raises:
        DataError: If it is empty, or none of them can; it names the cause of each.
    """
    if not data:
        raise DataError(f'{path} is an empty file')
    causes = {}
    for backend in backends:
        try:
            reader = READERS[backend](data)
        except Exception as error:
            causes[backend] = f'{backend}: {" ".join(str(error).split())[:200]}'
            continue
        for failed, cause in causes.items():
            _report(failed, f'{cause}. {backend} reads {path} instead, and others where need be')
        return reader
    raise DataError(f'{path} can not be opened. {". ".join(causes.values())}')


_reported: set[str] = set()


def _report(backend: str, message: str) -> None:
    """Say once in a process that a backend failed: there may be thousands of such videos."""
    if backend not in _reported:
        _reported.add(backend)
        print_log(message, 'current', logging.WARNING)
