"""Frames of a video by PyAV, which decodes only the frames that are needed."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...utils.pyav import import_av
from ..errors import DataError

#: Containers with a time stamp for each frame, by the names of FFmpeg's demuxers. Others have none
#: (AVI, raw streams), or not for each frame. FFmpeg then guesses them, and their order may not be
#: the order of display.
_TIMED_CONTAINERS = ('mov', 'matroska')

#: Codecs in which each packet is one displayed frame, by the names of FFmpeg's decoders. MPEG-4 is
#: not: a packet may hold two frames or none. Nor is VP8: some of its packets are never displayed.
_ONE_FRAME_A_PACKET = ('h264', 'hevc', 'vp9', 'av1', 'libdav1d', 'mjpeg', 'prores')

#: Codecs whose frames that are marked as no reference need not be decoded. In HEVC, frames of a
#: higher temporal layer may refer to such a frame.
_DROPPABLE = ('h264',)


class Survey(NamedTuple):
    """The result of decoding a whole video.

    Attributes:
        frames: Number of displayed frames.
        errors: Number of packets and frames with errors.
        damaged: Indices of the frames from a packet that does not decode to the next key frame.
    """

    frames: int
    errors: int
    damaged: set[int]


class PyAVReader:
    """Frames by PyAV. It decodes few frames and converts only the requested ones to RGB.

    The packets of the file are listed once. If the container has time stamps, each run of requested
    frames is decoded from the key frame before it to its last packet, and frames that are no
    reference are skipped (see ``_DROPPABLE``). If not, as in AVI, frames are counted by decoding
    all of them, and read by decoding from the first one on.

    Frames are rotated as the file says, as a player does.

    Args:
        data: The content of a video file.
        num_threads: Number of threads that decode the slices of a frame.
        strict: Whether an error in the data of a frame is an error; if not, the decoder conceals
            it.

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
            # All packets are displayed, except those that an edit list discards.
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
        """Free the content of the file now; PyAV's objects wait for the garbage collector."""
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
            # With intra refresh, pictures are complete only some frames after a "key frame".
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
        # A frame can be decoded from a key frame that is displayed before it.
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
        """Decode packets to at least the frames of the ``wanted`` times."""
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
        """The frames of a packet; None if it does not decode."""
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
    """Whether the time stamps of the packets give the displayed frames and their order."""
    if container.split(',')[0] not in _TIMED_CONTAINERS or codec.name not in _ONE_FRAME_A_PACKET:
        return False
    times = [packet.pts for packet in packets]
    if not times or None in times or len(set(times)) < len(times):
        return False
    # Frames that are displayed before the first key frame do not decode and are not counted.
    if not packets[0].is_keyframe or min(times) < times[0]:
        return False
    # Programs that copy frames from AVI give them times in the order of decoding.
    return not (codec.has_b_frames and times == sorted(times))


def to_rgb(frame: Any) -> np.ndarray:
    """Convert a frame of PyAV to uint8 RGB (H, W, 3), rotated as a player shows it."""
    # With 8 bits, FFmpeg repeats the colour samples that pixels share; with more bits it would
    # interpolate between them, and the same picture would have other colours.
    deep = frame.format.components[0].bits > 8
    image = frame.to_ndarray(format='rgb24', interpolation='POINT' if deep else None)
    turns = round(frame.rotation / 90)
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image
