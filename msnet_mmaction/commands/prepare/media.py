"""The videos of a download: their place, and what lies there."""

import os
from pathlib import Path
from typing import NamedTuple

from ...datasets.errors import DataError


def link_folder(source: Path, place: Path) -> None:
    """Have a folder of videos where the configs expect it, by links: nothing is moved or copied.

    mmaction2's lists end a path at a space, so where folders of classes have spaces in their
    names, each is linked by its name with ``_`` for them, as mmaction2 names them.

    Args:
        source: Folder of the videos.
        place: Where the configs expect it; may be the same.

    Raises:
        DataError: If something else is there, or the folder is there with spaces.
    """
    with os.scandir(source) as entries:
        spaced = any(entry.is_dir() and ' ' in entry.name for entry in entries)
    if place.exists() and place.resolve() == source.resolve():
        if spaced:
            raise DataError(
                f"the class folders in {source} have spaces in their names, which mmaction2's "
                f'lists cannot hold. Give {source.name} another name, such as '
                f'{source.name.removeprefix("videos_")}: links without spaces take its place'
            )
        return
    if not spaced:
        _link(source, place)
        return
    place.mkdir(parents=True, exist_ok=True)
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        _link(folder, place / folder.name.replace(' ', '_'))


def _link(source: Path, place: Path) -> None:
    if place.is_symlink() or place.exists():
        if place.exists() and place.samefile(source):
            return
        raise DataError(
            f'{place} is there and is not {source}: move it away, or prepare the data set in '
            'another folder'
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(source.resolve(), target_is_directory=True)


class Media(NamedTuple):
    """What lies in a folder of videos."""

    #: Path below the folder without suffix, with ``_`` for each space -> path below the folder.
    files: dict[str, str]
    #: Files of a name that another one has, but for its suffix.
    doubles: list[str]

    def find(self, name: str) -> str | None:
        """Path of a clip's file: in its class folder, or in no folder at all."""
        return self.files.get(name) or self.files.get(name.rpartition('/')[2])


def list_media(folder: Path, frames: bool) -> Media:
    """List the videos of a folder and of the folders in it, or the folders of frames in it.

    Hidden files are left out.
    """
    if frames:
        paths = [path.name for path in _visible(folder) if path.is_dir()]
        return Media({name: name for name in sorted(paths)}, [])
    paths = []
    for path in _visible(folder):
        if path.is_dir():
            paths += [f'{path.name}/{file.name}' for file in _visible(path) if file.is_file()]
        else:
            paths.append(path.name)
    files: dict[str, str] = {}
    doubles = []
    for path in sorted(paths):
        stem = os.path.splitext(path)[0].replace(' ', '_')
        if stem in files:
            doubles.append(path)
        else:
            files[stem] = path
    return Media(files, doubles)


def _visible(folder: Path) -> list[os.DirEntry]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if not entry.name.startswith('.')]
