"""Checks that a video or a folder of frames can be read to its end."""

import io
import os
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...datasets.errors import DataError
from ...datasets.readers.frame_files import decode_picture
from ...datasets.readers.pyav_reader import PyAVReader
from ...utils.pyav import import_av

# Version of the rules of these checks.
_RULES = 'v2'
# Tolerance of a missing end: containers round, and some encoders count a frame too many.
_TOLERATED_SHARE, _TOLERATED_FRAMES = 0.1, 2
# Tolerance of equal distances between frames, as a share: Matroska rounds to milliseconds.
_CONSTANT = 0.2
# Largest distance of the ends of pictures and sound that belong together, in seconds.
_INTERLEAVED = 1.0


class Check(NamedTuple):
    """What was found."""

    #: Number of frames that can be read.
    frames: int
    #: Why it can't be used; None if it can.
    fault: str | None
    #: Number of damaged frames in a video that decoders read nevertheless.
    damaged: int = 0


def fingerprint(path: Path) -> str:
    """A mark of the content of a file or folder: sizes and times of modification.

    The version of the rules is part of it, so that results of older rules are not used.
    """
    if not path.is_dir():
        status = path.stat()
        return f'{_RULES} {status.st_size} {status.st_mtime_ns}'
    with os.scandir(path) as entries:
        found = [entry.stat() for entry in entries]
    times = max((status.st_mtime_ns for status in found), default=0)
    return f'{_RULES} {len(found)} {sum(status.st_size for status in found)} {times}'


def check_video(path: Path) -> Check:
    """Decode every frame of a video with the reader of the configs.

    A truncated file is found by what its container tells of the packets of the video, and damage by
    a strict decoder. Damage in codecs without checksums, such as VP9, may not be found.
    """
    if path.stat().st_size == 0:
        return Check(0, 'the file is empty')
    data = path.read_bytes()
    try:
        with closing(PyAVReader(data, strict=True)) as reader:
            strict = reader.survey()
            lost = _lost_packets(reader, data)
        found = strict
        if strict.errors:
            # Other decoders conceal what a strict decoder refuses, so that the video can be used.
            with closing(PyAVReader(data)) as reader:
                found = reader.survey()
    except DataError as error:
        return Check(0, str(error))
    except import_av().error.FFmpegError as error:
        return Check(0, f'it cannot be read: {error.strerror}')
    frames = found.frames
    if not frames:
        return Check(0, 'there is no frame in it that can be decoded')
    if lost.at_end > max(_TOLERATED_FRAMES, _TOLERATED_SHARE * (frames + lost.at_end)):
        promised = frames + lost.at_end
        return Check(frames, f'it is cut off: {frames} of {promised} frames are there')
    if found.errors > frames / 2:
        return Check(frames, f'{found.errors} of {frames} frames are damaged')
    return Check(frames, None, strict.errors + lost.between)


class _Lost(NamedTuple):
    """Numbers of packets of a video that its container names and that are missing."""

    between: int
    at_end: int


def _lost_packets(reader: PyAVReader, data: bytes) -> _Lost:
    container, stream, packets = reader.container, reader.stream, reader.packets
    kind = container.format.name.split(',')[0]
    between = beyond = 0
    if kind in ('mov', 'avi'):  # an index names each packet
        entries = [entry for entry in stream.index_entries if entry.size]
        beyond = sum(entry.pos + entry.size > len(data) for entry in entries)
        between = max(0, len(entries) - beyond - len(packets))
    if kind == 'mov':
        return _Lost(between, beyond)
    times = _times(packets, stream)
    start, end = times.min(), (times + _durations(packets, stream)).max()
    if kind == 'avi':
        # Its index is at its end, the number of its packets at its beginning. Those of frames that
        # were left out are empty, and count.
        lacking = float(stream.frames * stream.time_base) - end
    else:
        between = _gaps(times) if reader.timed else 0
        promised = (container.duration or 0) + min(0, container.start_time or 0)
        lacking = promised / import_av().time_base - end
        if lacking > _INTERLEAVED and len(container.streams) > 1:
            # Sound may be longer than the pictures, but then it is there.
            beyond_pictures = _end_of_all_streams(data) - end
            lacking = 0 if beyond_pictures > _INTERLEAVED else lacking - beyond_pictures
    if end <= start:
        return _Lost(between, 0)
    return _Lost(between, max(0, round(lacking * len(packets) / (end - start))))


def _end_of_all_streams(data: bytes) -> float:
    with import_av().open(io.BytesIO(data), metadata_errors='ignore') as container:
        packets = [packet for packet in container.demux() if packet.size]
        return max(
            float(((packet.pts or packet.dts or 0) + (packet.duration or 0)) * packet.time_base)
            for packet in packets
        )


def _times(packets: Sequence, stream: Any) -> np.ndarray:
    """Time of display of each packet, or of decoding if it has none, in seconds."""
    times = [packet.dts if packet.pts is None else packet.pts for packet in packets]
    return np.array([time or 0 for time in times]) * float(stream.time_base)


def _durations(packets: Sequence, stream: Any) -> np.ndarray:
    return np.array([packet.duration or 0 for packet in packets]) * float(stream.time_base)


def _gaps(times: np.ndarray) -> int:
    """Number of missing frames between others, if nearly all distances are equal."""
    steps = np.diff(np.sort(times))
    if not len(steps) or (step := np.median(steps)) <= 0:
        return 0
    if np.mean(np.abs(steps - step) <= _CONSTANT * step) < 1 - _TOLERATED_SHARE:
        return 0
    return int((np.rint(steps / step) - 1).clip(min=0).sum())


def check_frames(folder: Path) -> Check:
    """Decode every frame of a folder of ``00001.jpg``, ``00002.jpg``, ..."""
    names = sorted(name for name in os.listdir(folder) if re.fullmatch(r'\d+\.jpg', name.lower()))
    if not names:
        return Check(0, 'there is no frame in it')
    for number, name in enumerate(names, start=1):
        if name.lower() != f'{number:05}.jpg':
            return Check(len(names), f'{number:05}.jpg is missing among its {len(names)} frames')
    faults = {name: fault for name in names if (fault := _fault_of_picture(folder / name))}
    if faults:
        name, fault = next(iter(faults.items()))
        return Check(len(names), f'{len(faults)} of {len(names)} frames are broken; {name} {fault}')
    return Check(len(names), None)


def _fault_of_picture(path: Path) -> str | None:
    try:
        decode_picture(path.read_bytes())
    except DataError as error:
        return str(error)
    return None
