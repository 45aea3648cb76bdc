"""Frames of a video by PyAV, as few of them decoded as that takes."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...utils.pyav import import_av
from ..errors import DataError

#: Containers with a time stamp of its own for each frame, by FFmpeg's names of their demuxers.
#: Others have none (AVI, raw streams), or not for each frame: FFmpeg guesses there, and the guess
#: is not the order in which the frames are shown.
_TIMED_CONTAINERS = ('mov', 'matroska')

#: Codecs of which each packet is one frame that is shown, by FFmpeg's names of their decoders.
#: MPEG-4 is none: a packet may hold two frames, or say that nothing is new. Nor is VP8: some of
#: its packets are shown never.
_ONE_FRAME_A_PACKET = ('h264', 'hevc', 'vp9', 'av1', 'libdav1d', 'mjpeg', 'prores')

#: Codecs in which a frame that says that no other refers to it may be left out: nobody misses it.
#: (In HEVC, frames of a higher temporal layer may refer to one that says so.)
_DROPPABLE = ('h264',)


class Survey(NamedTuple):
    """What decoding the whole of a video gives.

    Attributes:
        frames: Number of frames that are shown.
        errors: Number of packets and frames with errors.
        damaged: Indices of the frames from a packet that does not decode to the next key frame.
    """

    frames: int
    errors: int
    damaged: set[int]


class PyAVReader:
    """Frames by PyAV, as few decoded as possible, and none but the wanted ones converted to RGB.

    The packets of the file are listed once. Where the container has time stamps of its own, they
    tell between which key frame and which packet the wanted frames lie: decoding starts at that
    key frame and stops at that packet; gaps that hold another key frame are leapt over. Frames
    that nobody refers to are left out where the codec says so.

    Elsewhere, as in AVI, frames are counted by decoding them all, and read by decoding from the
    first one on.

    A frame is rotated as the file asks for, like a player does.

    Args:
        data: The content of a video file.
        num_threads: Threads that decode the slices of a frame.
        strict: Whether an error in the data of a frame counts as one that does not decode; else
            the decoder conceals what it can.

    Attributes:
        timed: Whether frames are found by time stamps.
        container: PyAV's container.
        stream: The stream of the video in it.
        packets: Its packets, in the order of decoding, without empty ones.

    Raises:
        DataError: If it holds no video.
    """

    def __init__(self, data: bytes, num_threads: int = 1, strict: bool = False) -> None:
        av = import_av()
        self._error = av.error.FFmpegError
        self._file = io.BytesIO(data)
        self.container = container = av.open(self._file, metadata_errors='ignore')
        self.stream = stream = container.streams.best('video')  # no picture of a cover
        if stream is None:
            raise DataError('there is no video in it')
        self._codec = stream.codec_context
        if self._codec is None:
            raise DataError('there is no decoder for the video in it')
        self._codec.thread_count = num_threads
        if strict:
            self._codec.options = {'err_detect': 'explode'}
        self.packets = [packet for packet in container.demux(stream) if packet.size]
        self.frame_rate = float(stream.average_rate or 0)
        self.timed = _is_timed(container.format.name, self._codec, self.packets)
        if self.timed:
            # Shown are the frames of all packets but those that an edit list cuts off.
            shown = [i for i, packet in enumerate(self.packets) if not packet.is_discard]
            self._order = np.array(sorted(shown, key=lambda i: self.packets[i].pts), dtype=int)
            self.num_frames = len(self._order)
        else:
            self._survey = self._decode_all()
            self.num_frames = self._survey.frames
        if not self.num_frames and not (strict and self.packets):  # then others may find some
            raise DataError('there is not one frame in it')

    def __len__(self) -> int:
        return self.num_frames

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Decode frames, see :meth:`.video.VideoReader.read`.

        Raises:
            DataError: If one of them does not decode.
        """
        found = self._read_timed(indices) if self.timed else self._read_counted(indices)
        missing = [index for index in indices if index not in found]
        if missing:
            raise DataError(
                f'{len(missing)} of the {len(indices)} frames asked for do not decode, the first '
                f'is frame {missing[0]} of {self.num_frames}'
            )
        return [found[index] for index in indices]

    def close(self) -> None:
        """Let go of the file's content now: PyAV's objects wait for the garbage collector."""
        self.packets.clear()
        self.container.close()
        self._file.close()

    def survey(self) -> Survey:
        """Decode every frame, going on after errors."""
        return self._decode_all() if self.timed else self._survey

    def _read_timed(self, indices: Iterable[int]) -> dict[int, np.ndarray]:
        index_of = {self.packets[self._order[index]].pts: index for index in indices}
        found = {}
        for first, last in self._ranges(index_of.values()):
            for frame in self._decode(self.packets[first : last + 1], index_of):
                if frame.pts in index_of:
                    found[index_of[frame.pts]] = to_rgb(frame)
        if len(found) < len(index_of):
            # A stream that is refreshed part by part is whole only some frames after a "key frame".
            for frame in self._decode(self.packets[: max(self._order[[*indices]]) + 1], index_of):
                if frame.pts in index_of:
                    found.setdefault(index_of[frame.pts], to_rgb(frame))
        return found

    def _read_counted(self, indices: Iterable[int]) -> dict[int, np.ndarray]:
        wanted = set(indices) - self._survey.damaged
        last = max(wanted, default=-1)
        found = {}
        index = -1
        try:
            for packet in [*self.packets, None]:
                for frame in self._decode_packet(packet) or ():
                    index += 1
                    if index in wanted:
                        found[index] = to_rgb(frame)
                if index >= last:
                    break
        finally:
            self._codec.flush_buffers()
        return found

    def _ranges(self, indices: Iterable[int]) -> list[tuple[int, int]]:
        """The packets from which the wanted frames are decoded: first and last of each run."""
        # A key frame that is shown before a frame is one that it can be decoded from.
        keys = [
            (index, position)
            for index, position in enumerate(self._order.tolist())
            if self.packets[position].is_keyframe
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

    def _decode(self, packets: Iterable, wanted: Iterable[int]) -> Iterator:
        """Decode packets; at least the frames of the ``wanted`` times come out."""
        droppable = self._codec.name in _DROPPABLE
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
            self._codec.skip_frame = 'DEFAULT'
            self._codec.flush_buffers()

    def _decode_packet(self, packet: Any) -> list | None:
        """The frames that come out; None if the packet does not decode."""
        try:
            return self._codec.decode(packet)
        except self._error:
            return None

    def _decode_all(self) -> Survey:
        count = errors = 0
        damaged = set()
        reference_lost = False
        try:
            for packet in [*self.packets, None]:
                frames = self._decode_packet(packet)
                if frames is None:
                    errors += 1
                    reference_lost = True
                    continue
                for frame in frames:
                    errors += frame.is_corrupt
                    reference_lost = reference_lost and not frame.key_frame
                    if reference_lost:
                        damaged.add(count)
                    count += 1
        finally:
            self._codec.flush_buffers()
        return Survey(count, errors, damaged)


def _is_timed(container: str, codec: Any, packets: Sequence) -> bool:
    """Whether the packets' time stamps tell which frames are shown, and in which order."""
    if container.split(',')[0] not in _TIMED_CONTAINERS or codec.name not in _ONE_FRAME_A_PACKET:
        return False
    times = [packet.pts for packet in packets]
    if not times or None in times or len(set(times)) < len(times):
        return False
    # What is shown before the first key frame does not decode, so it does not count.
    if not packets[0].is_keyframe or min(times) < times[0]:
        return False
    # Frames that another program copied from AVI have times in the order of decoding.
    return not (codec.has_b_frames and times == sorted(times))


def to_rgb(frame: Any) -> np.ndarray:
    """A frame of PyAV as a player shows it, uint8 RGB (H, W, 3)."""
    # Of 8 bits, a colour sample counts for all pixels that share it. FFmpeg interpolates between
    # those of more bits unless it is told, so that the same picture had other colours.
    deep = frame.format.components[0].bits > 8
    image = frame.to_ndarray(format='rgb24', interpolation='POINT' if deep else None)
    turns = round(frame.rotation / 90)
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image
