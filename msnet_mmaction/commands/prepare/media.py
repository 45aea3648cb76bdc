"""The files in a folder of a download, and which of them belong to a clip."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...utils.video_files import is_video_file
from .download import Clip
from .names import key


class Media:
    """The videos, or folders of frames, in one folder of a download, at any depth.

    Attributes:
        place: Name of the folder in the configs, such as ``videos_train``.
        source: The folder in the download.
        replacement: Folder of official replacements of missing or broken files.
        ignored: Reason for each file that is not a video.

    Args:
        place: See above.
        source: See above.
        replacement: See above; None if there is none.
        classes: Class names. A folder with such a name holds only that class.
        frames: Names of the clips, if they are folders of frames; None if they are videos.
    """

    def __init__(
        self,
        place: str,
        source: Path,
        replacement: Path | None,
        classes: Iterable[str],
        frames: Iterable[str] | None = None,
    ) -> None:
        self.place, self.source, self.replacement = place, source, replacement
        self.ignored: dict[str, str] = {}
        self._classes = {key(name) for name in classes}
        self._clips = None if frames is None else {key(name) for name in frames}
        self._paths: dict[str, list[str]] = {}
        for folder, mount in self._mounts():
            for path in self._walk(folder, mount, ()):
                name = path.rpartition('/')[2]
                stem = name if self._clips is not None else os.path.splitext(name)[0]
                self._paths.setdefault(key(stem), []).append(path)

    def path(self, name: str) -> Path:
        """Path of a file by its name from :meth:`find` or :meth:`all`."""
        mount, _, rest = name.partition('/')
        if self.replacement is not None and mount == self.replacement.name:
            return self.replacement / rest
        return self.source / name

    def all(self) -> list[str]:
        """All videos or folders of frames, below the folder."""
        return [path for paths in self._paths.values() for path in paths]

    def find(self, clip: Clip) -> list[str]:
        """The files that may be a clip, the most likely first.

        These are a file in the folder of its class, then one in no folder of a class, then an
        official replacement. Files in the folder of another class do not count.
        """
        folder, _, name = clip.name.rpartition('/')
        found = []
        for path in self._paths.get(key(name), ()):
            parents = {key(parent) for parent in path.split('/')[:-1]}
            if self.is_replacement(path):
                rank = 2
            elif not folder or key(folder) in parents:
                rank = 0
            elif parents.isdisjoint(self._classes):
                rank = 1
            else:
                continue
            found.append((rank, path.count('/'), path))
        return [path for _, _, path in sorted(found)]

    def is_replacement(self, path: str) -> bool:
        """Whether a file is an official replacement."""
        return self.replacement is not None and path.startswith(f'{self.replacement.name}/')

    def _mounts(self) -> Iterator[tuple[Path, str]]:
        yield self.source, ''
        if self.replacement is not None:
            yield self.replacement, f'{self.replacement.name}/'

    def _walk(self, folder: Path, mount: str, above: tuple[str, ...]) -> Iterator[str]:
        """Paths of the videos or folders of frames below a folder."""
        real = os.path.realpath(folder)
        if real in above:  # a link to a folder that it lies in
            return
        with os.scandir(folder) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
        folders = []
        for entry in entries:
            path = f'{mount}{entry.name}'
            if entry.name.startswith('.'):
                self.ignored[path] = 'it is hidden'
            elif entry.is_dir():
                folders.append(entry.name)
            elif self._clips is not None:
                self.ignored[path] = 'it is no folder of frames'
            elif is_video_file(entry.name):
                yield path
            else:
                self.ignored[path] = 'its suffix is none of a video'
        for name in folders:
            path = f'{mount}{name}'
            if self._clips is not None and (key(name) in self._clips or _is_leaf(folder / name)):
                yield path
            else:
                yield from self._walk(folder / name, f'{path}/', (*above, real))


def _is_leaf(folder: Path) -> bool:
    """Whether there is no folder in a folder."""
    with os.scandir(folder) as entries:
        return not any(entry.is_dir() for entry in entries)
