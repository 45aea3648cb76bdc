"""Finding a user's own videos: one folder a class, or a csv file."""

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ...datasets.errors import DataError
from ...utils.video_tables import TableRow, read_video_table
from .download import Clip
from .media import Media
from .names import printable

#: Accepted names of the splits in folders and csv files.
SPLITS = {
    'train': ('train', 'training'),
    'val': ('val', 'valid', 'validation'),
    'test': ('test', 'testing'),
}
_SPLIT_OF = {word: split for split, words in SPLITS.items() for word in words}


class OwnVideo(NamedTuple):
    """A video.

    Attributes:
        name: Its path below :attr:`OwnVideos.root`.
        class_name: Its class.
        split: ``train``, ``val`` or ``test``; None if it is unknown.
        source: The recording that it was cut from.
    """

    name: str
    class_name: str
    split: str | None
    source: str


class OwnVideos(NamedTuple):
    """Videos that were found.

    Attributes:
        root: A folder above all videos.
        videos: The videos.
        ignored: Reason for each file and folder that is left out.
    """

    root: Path
    videos: list[OwnVideo]
    ignored: dict[str, str]

    def class_names(self) -> list[str]:
        """Class names in the order of their labels: numbers by value, other names by letters."""
        names = {video.class_name for video in self.videos}
        numbers = all(re.fullmatch(r'\d+', name) for name in names)
        return sorted(names, key=lambda name: (int(name) if numbers else 0, name))


class OwnMedia(Media):
    """The same as what the lists of a preparation are made from: a clip is its very file.

    Args:
        found: The videos.
    """

    def __init__(self, found: OwnVideos) -> None:
        self.place, self.source, self.replacement = 'videos', found.root, None
        self.ignored = found.ignored
        self._names = [video.name for video in found.videos]

    def all(self) -> list[str]:
        """All videos, below the folder."""
        return self._names

    def find(self, clip: Clip) -> list[str]:
        """The file that is the clip."""
        return [clip.name]


def find_in_folder(root: Path, source_pattern: str | None) -> OwnVideos:
    """Find videos in one folder a class, or in such folders in ``train``, ``val``, ``test``.

    Args:
        root: The folder.
        source_pattern: Regular expression of the source in the path of a video below its class: the
            first group, or the whole match. Without it, the videos of a folder within that of the
            class have one source, and each other video has its own.

    Raises:
        DataError: If there are none.
    """
    if not root.is_dir():
        raise DataError(f'there is no folder {root}: name that of your videos')
    media = Media('videos', root, None, ())
    splits = _split_folders(root)
    ignored, videos = dict(media.ignored), []
    for path in sorted(media.all()):
        split, parts = None, path.split('/')
        if splits:
            split = splits.get(parts[0])
            parts = parts[1:] if split else []
        if len(parts) < 2:
            ignored[path] = 'it lies in no folder of a class'
            continue
        within = '/'.join(parts[1:])
        source = _source_of(within, parts[1:-1], source_pattern)
        videos.append(OwnVideo(path, _as_class(parts[0]), split, source or f'{parts[0]}/{within}'))
    if not videos:
        there = ', '.join(map(printable, sorted({*media.all(), *ignored})[:3])) or 'nothing'
        raise DataError(
            f'{root} holds no folders of videos, one a class, such as {root}/running/1.mp4; in it '
            f'{"is" if there == "nothing" else "are"} {there}'
        )
    used = {video.name.split('/')[0 if video.split is None else 1] for video in videos}
    for folder in root.iterdir():
        if folder.is_dir() and not splits and folder.name not in used:
            ignored.setdefault(folder.name, 'it is a folder without videos, so no class')
    return OwnVideos(root, videos, ignored)


def find_in_table(path: Path, root: Path | None) -> OwnVideos:
    """Find the videos of a csv file, see :func:`.read_video_table`.

    Args:
        path: The file, with the columns ``path`` and ``label``, and optionally ``split`` and
            ``source``.
        root: Folder that relative paths are below; that of the csv file by default.

    Raises:
        DataError: If the table can't be used.
    """
    try:
        rows = read_video_table(path, root)
    except ValueError as error:
        raise DataError(str(error)) from error
    labels = _check_rows(path, rows)
    files = [Path(os.path.abspath(row.path)) for row in rows]
    top = Path(os.path.commonpath([file.parent for file in files]))
    videos = [
        OwnVideo(
            file.relative_to(top).as_posix(),
            _as_class(labels[row.path]),
            _split(path, row),
            row.source or file.relative_to(top).as_posix(),
        )
        for row, file in zip(rows, files, strict=True)
    ]
    return OwnVideos(top, videos, {})


def _check_rows(path: Path, rows: Iterable[TableRow]) -> dict[Path, str]:
    """Check the rows of a table; return the labels of the videos."""
    labels: dict[Path, str] = {}
    for row in rows:
        if row.label is None:
            raise DataError(f'{path}: {row.path.name} has no label: a column "label" tells it')
        if row.path in labels:
            raise DataError(f'{path} names {row.path} twice')
        labels[row.path] = row.label
        if not row.path.is_file():
            raise DataError(
                f'{path}: there is no video {row.path}. Relative paths are below the folder of the '
                'csv file, or below --root'
            )
    return labels


def _split(path: Path, row: TableRow) -> str | None:
    if row.split is None:
        return None
    if row.split.lower() not in _SPLIT_OF:
        raise DataError(f"{path}: {row.path.name} is of the split '{row.split}', not train or val")
    return _SPLIT_OF[row.split.lower()]


def _split_folders(root: Path) -> dict[str, str]:
    """Folders of splits, if the root holds those of training and validation."""
    found = {
        folder.name: _SPLIT_OF[folder.name.lower()]
        for folder in root.iterdir()
        if folder.is_dir() and folder.name.lower() in _SPLIT_OF
    }
    if not found:
        return {}
    others = [f.name for f in _folders(root) if f.name not in found]
    if {'train', 'val'} - set(found.values()) or others:
        raise DataError(
            f'{root} has the folders {", ".join(sorted(found))}'
            + (f', and others such as {printable(others[0])}' if others else '')
            + ': give folders train and val, which hold a folder a class, and nothing else, or '
            'folders of classes alone'
        )
    return found


def _folders(root: Path) -> Iterator[Path]:
    return (f for f in sorted(root.iterdir()) if f.is_dir() and not f.name.startswith('.'))


def _source_of(within: str, folders: list[str], pattern: str | None) -> str | None:
    """The source of a video, independent of its class; None if it is unknown."""
    if pattern is not None:
        found = re.search(pattern, within)
        return found and (found.group(1) if found.re.groups else found.group())
    return '/'.join(folders) or None


def _as_class(name: str) -> str:
    """A name for a label map: in one line, and accents in one form (NFC)."""
    name = re.sub(r'[\ud800-\udfff]', '_', name)
    return ' '.join(unicodedata.normalize('NFC', name).split())
