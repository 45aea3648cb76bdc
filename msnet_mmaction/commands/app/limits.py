"""What a video must be like to be analysed, told before a frame of it is decoded."""

from pathlib import Path
from typing import Any, NamedTuple

from ...datasets import DataError
from ...utils.pyav import import_av

#: The largest frame, 4K: a film holds its frames in memory at their size.
MAX_PIXELS = 4096 * 2304


class Limits(NamedTuple):
    """Limits of an upload.

    Attributes:
        megabytes: Size of the file, in 1024 * 1024 bytes, as Gradio counts.
        seconds: Length of the video.
    """

    megabytes: float = 200.0
    seconds: float = 300.0

    @property
    def bytes(self) -> int:
        """Size of the file."""
        return int(self.megabytes * 2**20)


def check_video(path: Path, limits: Limits) -> float:
    """Check a file by its size and by what its container tells.

    Args:
        path: The file. Messages name it without its folder.
        limits: Its limits.

    Returns:
        Length of the video, in seconds.

    Raises:
        DataError: If it is empty, too large, no video, of no length or too long, or its frames are
            too large.
    """
    if not path.is_file():
        raise DataError(f'{path.name} has been removed: give it once more')
    size = path.stat().st_size
    if not size:
        raise DataError(f'{path.name} is an empty file')
    if size > limits.bytes:
        raise DataError(
            f'{path.name} has {size / 2**20:.1f} MB, and the limit is {limits.megabytes:g} MB: '
            'cut it, or start the page with a larger --max-megabytes'
        )
    av = import_av()
    try:
        with av.open(str(path), metadata_errors='ignore') as container:
            return _check_container(container, path.name, limits)
    except av.error.FFmpegError as error:
        raise DataError(f'{path.name} is no video that can be read: {error.strerror}') from error


def _check_container(container: Any, name: str, limits: Limits) -> float:
    # The cover of an audio file is a video stream of one picture.
    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & type(stream.disposition).attached_pic
    ]
    if not streams:
        kinds = ', '.join(sorted({stream.type for stream in container.streams})) or 'nothing'
        raise DataError(f'{name} holds no video, only: {kinds}')
    stream = streams[0]
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > MAX_PIXELS:
        raise DataError(f'{name} has frames of {width} x {height} pixels: scale it to 4K or less')
    seconds = _duration(container, stream, limits.seconds)
    if not seconds > 0:
        raise DataError(f'{name} is no video: it is one picture, or tells no times')
    if seconds > limits.seconds:
        raise DataError(
            f'{name} is longer than the limit of {_clock(limits.seconds)}: cut it, or start the '
            'page with a larger --max-seconds'
        )
    return seconds


def _duration(container: Any, stream: Any, enough: float) -> float:
    """The length that the container tells, or that its packets tell, read until it is enough."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None:
        return container.duration / 1e6
    # What a browser records of a camera has no length in its header.
    first, seconds = None, 0.0
    for packet in container.demux(stream):
        if packet.pts is not None:
            time = float(packet.pts * packet.time_base)
            first = time if first is None else first
            seconds = max(seconds, time - first)
        if seconds > enough:
            break
    return seconds


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f'{minutes:.0f} min {rest:02.0f} s' if minutes else f'{rest:g} s'
