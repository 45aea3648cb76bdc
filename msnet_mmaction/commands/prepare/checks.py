"""Whether a video, or a folder of frames, can be read to its end."""

import os
import re
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from ...utils.pyav import import_av

# Containers round, and some encoders count a frame more than they write: that much may lack.
_TOLERATED_SHARE, _TOLERATED_FRAMES = 0.1, 2


class Check(NamedTuple):
    """What was found."""

    #: Number of frames that can be read.
    frames: int
    #: Why it can't be used; None if it can.
    fault: str | None
    #: Number of frames that are damaged, in a video that decoders read all the same.
    damaged: int = 0


def fingerprint(path: Path) -> str:
    """What changes when a file, or a file in a folder, does: sizes and times of modification."""
    if not path.is_dir():
        status = path.stat()
        return f'{status.st_size} {status.st_mtime_ns}'
    with os.scandir(path) as entries:
        found = [entry.stat() for entry in entries]
    times = max((status.st_mtime_ns for status in found), default=0)
    return f'{len(found)} {sum(status.st_size for status in found)} {times}'


def check_video(path: Path) -> Check:
    """Decode every frame of a video.

    A file that was cut off is found by what its header says: the number of frames (mp4, avi) or
    the duration (webm).
    """
    if path.stat().st_size == 0:
        return Check(0, 'the file is empty')
    av = import_av()
    frames = damaged = 0
    end = 0.0
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                return Check(0, 'there is no video in it')
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            for packet in container.demux(stream):
                try:
                    decoded = packet.decode()
                except av.error.InvalidDataError:  # others go on with the next one, too
                    damaged += 1
                    continue
                frames += len(decoded)
                damaged += sum(frame.is_corrupt for frame in decoded)
                end = max([end, *(frame.time or 0 for frame in decoded)])
            promised = stream.frames
            rate = float(stream.average_rate or 0)
            if not promised and container.duration and rate:
                lacks = container.duration / av.time_base - (end + 1 / rate)
                promised = frames + round(lacks * rate)
    except av.error.FFmpegError as error:
        return Check(frames, f'it cannot be read after {frames} frames: {error.strerror}')
    if not frames:
        return Check(0, 'there is no frame in it that can be decoded')
    if promised - frames > max(_TOLERATED_FRAMES, _TOLERATED_SHARE * promised):
        return Check(frames, f'it is cut off: {frames} of {promised} frames are there')
    if damaged > frames / 2:
        return Check(frames, f'{damaged} of {frames} frames are damaged')
    return Check(frames, None, damaged)


def check_frames(folder: Path) -> Check:
    """Decode every frame of a folder of ``00001.jpg``, ``00002.jpg``, ..."""
    names = sorted(name for name in os.listdir(folder) if re.fullmatch(r'\d+\.jpg', name.lower()))
    if not names:
        return Check(0, 'there is no frame in it')
    for number, name in enumerate(names, start=1):
        if name.lower() != f'{number:05}.jpg':
            return Check(len(names), f'{number:05}.jpg is missing among its {len(names)} frames')
    faults = {name: fault for name in names if (fault := _fault_of_jpeg(folder / name))}
    if faults:
        name, fault = next(iter(faults.items()))
        return Check(
            len(names), f'{len(faults)} of {len(names)} frames are broken; {name}: {fault}'
        )
    return Check(len(names), None)


def _fault_of_jpeg(path: Path) -> str | None:
    content = path.read_bytes()
    if not content:
        return 'the file is empty'
    # A decoder fills what was cut off with grey, and says nothing.
    if content.startswith(b'\xff\xd8') and b'\xff\xd9' not in content[-64:]:
        return 'it is cut off'
    if cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) is None:
        return 'it is no picture'
    return None
