"""Windows along a video or stream of any length, which is decoded once, with bounded memory."""

import os
import stat
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...utils.pyav import import_av
from ..errors import DataError
from .pyav_reader import to_rgb
from .sample import Frames, Sample, SampleReader, one_each

#: Timeout of a stream, in seconds.
_PATIENCE = 10.0
#: Frames a second of a stream that does not tell its rate.
_FPS = 25.0


class WindowSample(NamedTuple):
    """The input of a network for a window of a video.

    Attributes:
        start: Time of the beginning of the window, in seconds.
        end: Time of its end, in seconds.
        sample: Its sample; ``frame_indices`` count from the first frame of the window.
        frame_times: Times of the ``frame_indices``, in seconds.
    """

    start: float
    end: float
    sample: Sample
    frame_times: np.ndarray


class _TimedFrame(NamedTuple):
    time: float
    frame: Any

    def rgb(self) -> np.ndarray:
        return self.frame if isinstance(self.frame, np.ndarray) else to_rgb(self.frame)


class _Open:
    """A window that is not over: the frames that it wants, as they come."""

    def __init__(self, first: int, sampled: dict) -> None:
        self.first, self.sampled = first, sampled
        self.indices = np.ravel(sampled['frame_inds']).tolist()
        # The first one is there for a video that ends before any other that is wanted.
        self.wanted = {0, *self.indices}
        self.images: dict[int, np.ndarray] = {}
        self.times: dict[int, float] = {}
        self.start = self.end = 0.0

    def closed(self, reader: SampleReader) -> WindowSample:
        """The sample; of a window that was cut short, the frames that came are spread over it."""
        indices = self.indices
        if not set(indices) <= self.images.keys():
            there = sorted(self.images)
            places = np.linspace(0, len(there) - 1, len(indices)).round().astype(int)
            indices = [there[place] for place in places]
        sampled = dict(self.sampled, frame_inds=np.array(indices))
        # Windows that overlap share frames, which transforms may work on in place.
        images = {index: self.images[index].copy() for index in set(indices)}
        sample = reader.transform(sampled, one_each(indices, images))
        times = np.array([self.times[index] for index in indices])
        return WindowSample(self.start, self.end, sample, times)


def read_windows(
    source: str | os.PathLike | Frames,
    reader: SampleReader,
    window: float,
    step: float,
    fps: float | None = None,
) -> Iterator[WindowSample]:
    """Read windows along a video.

    The last window may be shorter. A rest with fewer frames than the network takes is left out.

    Args:
        source: A video file, an address that FFmpeg opens, such as ``rtsp://...``, a camera such as
            ``/dev/video0``, or frames.
        reader: Reader of samples of windows.
        window: Length of a window, in seconds.
        step: Distance of the beginnings of windows, in seconds.
        fps: Frames a second, if the source does not tell them.

    Raises:
        DataError: If it can't be opened, or has no video.
        ValueError: If ``window`` or ``step`` is not positive, or the frame rate is unknown.
    """
    if not window > 0 or not step > 0:
        raise ValueError(f'a window and its step must be positive, got {window:g} and {step:g} s')
    if isinstance(source, str | os.PathLike):
        yield from _windows_of_stream(str(source), reader, window, step, fps)
        return
    rate = source.fps or fps
    if not rate:
        raise ValueError(f'{source.path}: nothing tells its frames a second: give fps')
    frames = (_TimedFrame(index / rate, source.read([index])[0]) for index in range(len(source)))
    yield from _windows(frames, str(source.path), reader, window, step, rate)


def _windows_of_stream(
    source: str, reader: SampleReader, window: float, step: float, fps: float | None
) -> Iterator[WindowSample]:
    av = import_av()
    is_stream = '://' in source
    if not is_stream and not Path(source).exists():
        raise DataError(f'{source}: there is no such video or camera')
    is_camera = not is_stream and stat.S_ISCHR(os.stat(source).st_mode)
    try:
        container = av.open(
            source,
            format='v4l2' if is_camera else None,
            timeout=_PATIENCE if is_stream else None,
            metadata_errors='ignore',
        )
    except (av.error.FFmpegError, OSError, UnicodeError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise DataError(f'{source} cannot be opened as a video: {reason}') from error
    with container:
        if not container.streams.video:
            raise DataError(f'{source}: there is no video in it')
        stream = container.streams.video[0]
        stream.thread_type = 'AUTO'
        # Of a recording with a camera, FFmpeg's guess is often the clock: 1000 frames a second.
        rate = float(stream.average_rate or fps or stream.guessed_rate or _FPS)
        frames = _decoded(container, stream, rate)
        yield from _windows(frames, source, reader, window, step, rate)


def _decoded(container: Any, stream: Any, rate: float) -> Iterator[_TimedFrame]:
    """The frames that decode, with their times from the first one on."""
    av = import_av()
    beginning = None
    count = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError):
            return  # a stream that breaks off has ended
        try:
            decoded = packet.decode()
        except av.error.FFmpegError:
            continue
        for frame in decoded:
            time = count / rate if frame.time is None else frame.time
            beginning = time if beginning is None else beginning
            yield _TimedFrame(time - beginning, frame)
            count += 1


def _windows(
    frames: Iterator[_TimedFrame],
    source: str,
    reader: SampleReader,
    window: float,
    step: float,
    rate: float,
) -> Iterator[WindowSample]:
    length, distance = max(1, round(window * rate)), max(1, round(step * rate))
    opened: deque[_Open] = deque()
    made = index = 0
    for index, timed in enumerate(frames):
        if index % distance == 0:
            opened.append(_Open(index, reader.sample(length, source, rate)))
            opened[-1].start = timed.time
        image = None
        for one in opened:
            place = index - one.first
            one.end = timed.time + 1 / rate
            if place in one.wanted:
                image = timed.rgb() if image is None else image
                one.images[place], one.times[place] = image, timed.time
        if opened and index - opened[0].first == length - 1:
            yield opened.popleft().closed(reader)
            made += 1
    if not opened and not made:
        raise DataError(f'{source}: there is no frame in it that can be decoded')
    # With several open, the first one holds what the others do.
    if opened and (not made or len(opened[0].images) >= len(opened[0].wanted) // 2):
        yield opened[0].closed(reader)
