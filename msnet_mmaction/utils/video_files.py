"""Names of video files."""

import os

#: Suffixes of video containers, in lower case.
VIDEO_SUFFIXES = {
    '.3g2', '.3gp', '.asf', '.avi', '.divx', '.f4v', '.flv', '.m2ts', '.m4v', '.mkv', '.mov',
    '.mp4', '.mpeg', '.mpg', '.mts', '.ogv', '.ts', '.vob', '.webm', '.wmv',
}  # fmt: skip


def is_video_file(path: str | os.PathLike) -> bool:
    """Whether a file has the suffix of a video, in any case of its letters."""
    return os.path.splitext(path)[1].lower() in VIDEO_SUFFIXES


def video_path(name: str) -> str:
    """Path of a video by its name in a list; a name without a suffix means mp4, as in mmaction2."""
    return name if os.path.splitext(name)[1] else f'{name}.mp4'
