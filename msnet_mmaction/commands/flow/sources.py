"""Where the frames for optical flow come from: the two kinds of mmaction2's lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol

import cv2
import numpy as np

from ...datasets.errors import DataError
from ...datasets.readers.frame_files import read_frame_file
from ...datasets.readers.video import open_video
from ...utils.video_files import video_path

#: Frames of a video that are in memory at once.
_AT_ONCE = 64


class Entry(NamedTuple):
    """One line of a list.

    Attributes:
        path: The video or the folder of frames, relative to the root of the data.
        num_frames: Number of frames of the folder; None for a video, whose file tells it.
        labels: The labels, as in the list.
    """

    path: str
    num_frames: int | None
    labels: tuple[str, ...]


class FlowSource(Protocol):
    """Reads one kind of list, and the frames that it names.

    Attributes:
        line_format: Format of a line, for errors.
    """

    line_format: ClassVar[str]

    def parse(self, words: Sequence[str]) -> Entry:
        """Parse a line of a list, split into words.

        Raises:
            ValueError: If it is not of this format.
        """

    def frames(self, root: Path, entry: Entry, fps: float | None) -> Iterator[np.ndarray]:
        """Yield frames, grey, uint8 (H, W): all of them, or as many a second as asked for."""


@dataclass(frozen=True)
class VideoFiles:
    """mmaction2's lists of videos."""

    line_format: ClassVar[str] = '<video> <label>'

    def parse(self, words: Sequence[str]) -> Entry:
        """Read a line of a list, split into words."""
        path, *labels = words
        return Entry(video_path(path), None, _numbers(labels))

    def frames(self, root: Path, entry: Entry, fps: float | None) -> Iterator[np.ndarray]:
        """Yield the frames of a video, or as many a second as asked for."""
        path = root / entry.path
        if not path.is_file():
            raise DataError(f'{path} is missing')
        # Its numbering of frames is that of the pipelines.
        video = open_video(path.read_bytes(), str(path))
        indices = frames_at(video.num_frames, video.frame_rate, fps).tolist()
        for start in range(0, len(indices), _AT_ONCE):
            for frame in video.read(indices[start : start + _AT_ONCE]):
                yield cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)


@dataclass(frozen=True)
class FrameFolders:
    """mmaction2's lists of folders of frames.

    Attributes:
        template: Name of a frame, counted from 1, such as ``{:05}.jpg``.
        fps: Frames a second that they were taken at, which no file tells; needed only where fewer
            of them are asked for.
    """

    line_format: ClassVar[str] = '<folder> <number of frames> <label>'

    template: str
    fps: float | None = None

    def parse(self, words: Sequence[str]) -> Entry:
        """Read a line of a list, split into words."""
        path, num_frames, *labels = words
        return Entry(path, int(num_frames), _numbers(labels))

    def frames(self, root: Path, entry: Entry, fps: float | None) -> Iterator[np.ndarray]:
        """Yield the frames of a folder, or as many a second as asked for."""
        assert entry.num_frames is not None  # parse() reads it
        for index in frames_at(entry.num_frames, self.fps, fps):
            path = root / entry.path / self.template.format(index + 1)
            try:
                yield read_frame_file(path, gray=True)
            except DataError as error:
                raise DataError(f'{error}; the list says {entry.num_frames} frames') from error


def frames_at(num_frames: int, source_fps: float | None, fps: float | None) -> np.ndarray:
    """Which frames a video would have at another frame rate: the nearest at each tick of 1 / fps.

    Args:
        num_frames: Frames of the video.
        source_fps: Its frames a second.
        fps: Those asked for; None takes every frame, as does a rate above that of the video.

    Returns:
        Indices from 0.

    Raises:
        DataError: If there are fewer than two.
        ValueError: If ``fps`` is given and ``source_fps`` is not.
    """
    if fps is None:
        step = 1.0
    elif source_fps is None:
        raise ValueError(f'{fps} frames a second need the frame rate that the source has')
    else:
        step = max(1.0, source_fps / fps)
    # The rate of a video may be a rounded number.
    count = int((num_frames - 1) / step + 1e-3) + 1 if num_frames else 0
    if count < 2:
        rate = f' at {fps:g} frames a second' if fps else ''
        raise DataError(f'{count} of its {num_frames} frames are left{rate}: a flow needs two')
    return np.floor(np.arange(count) * step + 0.5).astype(int)


def _numbers(labels: Sequence[str]) -> tuple[str, ...]:
    if not labels:
        raise ValueError('there is no label')
    # int() complains about a name with a blank in it, which mmaction2 could not read either.
    return tuple(str(int(label)) for label in labels)
