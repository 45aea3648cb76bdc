"""Links from the paths of the configs to the videos of a download."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...datasets.errors import DataError
from .download import holds_only_links
from .media import Media
from .names import as_listed, fits_lists, printable


def link_media(
    media: Media, folder: Path, wanted: Iterable[str], other_name: str
) -> dict[str, str]:
    """Link files to a folder.

    The folder becomes a link to that of the download, if possible. If names have characters that
    mmaction2's lists cannot hold, such as spaces, or files are in two folders, it becomes a folder
    of links.

    Args:
        media: The files.
        folder: The folder in the configs.
        wanted: Names of the files to link.
        other_name: Another name that the folder of the download may have, for an error.

    Returns:
        Path of each file below the folder, by its name.

    Raises:
        DataError: If the folder holds the files themselves and lists cannot hold their names, or if
            it holds other files.
    """
    own = [name for name in wanted if not media.is_replacement(name)]
    replaced = [name for name in wanted if media.is_replacement(name)]
    same = folder.exists() and folder.samefile(media.source)
    if same and (not folder.is_symlink() or _is_same_name(folder, media.source)):
        _check_names(media, own, other_name)
        # The download is only read: no link to a replacement is put into it.
        return {name: name for name in own}
    if folder.is_symlink() and not same:
        raise _in_the_way(folder, media.source)
    if not replaced and all(map(fits_lists, own)) and (same or not folder.exists()):
        _link(media.source, folder)
        return {name: name for name in own}
    if same:
        folder.unlink()  # the link of an earlier run
    elif folder.exists() and not (folder.is_dir() and holds_only_links(folder)):
        raise _in_the_way(folder, media.source)
    paths = _mirror(media.source, folder, own)
    if media.replacement is not None and replaced:
        place = folder / media.replacement.name
        inner = {name: name.partition('/')[2] for name in replaced}
        found = _mirror(media.replacement, place, inner.values())
        paths |= {name: f'{place.name}/{found[path]}' for name, path in inner.items()}
    return paths


def link_files(
    files: Mapping[str, Path], groups: Mapping[str, str], folder: Path
) -> dict[str, str]:
    """Link files to folders of their groups.

    Args:
        files: Files by name.
        groups: Group of each file, such as its class, by name.
        folder: Folder of the groups; links of an earlier run are replaced.

    Returns:
        Path of each file below the folder, by its name.

    Raises:
        DataError: If the folder holds anything but links.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name, file in files.items():
        stem, suffix = os.path.splitext(as_listed(file.name))
        group, number = as_listed(groups[name]).replace('/', '_'), 1
        path = f'{group}/{stem}{suffix}'
        while path in taken:
            number += 1
            path = f'{group}/{stem}_{number}{suffix}'
        taken.add(path)
        if (folder / path).is_symlink():
            (folder / path).unlink()
        _link(file, folder / path)
        found[name] = path
    return found


def _is_same_name(folder: Path, other: Path) -> bool:
    """Whether two paths are one, and not a link and its target."""
    return folder.name == other.name and folder.parent.samefile(other.parent)


def _check_names(media: Media, names: Iterable[str], other_name: str) -> None:
    odd = next((name for name in names if not fits_lists(name)), None)
    if odd is not None:
        raise DataError(
            f"names in {media.source} have spaces, or are not UTF-8, which mmaction2's lists "
            f"cannot hold, such as '{printable(odd)}'. Rename {media.source.name} to "
            f'{other_name}: links without spaces take its place'
        )


def _mirror(source: Path, folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """Link files to a folder, or their folders if their names fit into lists.

    Returns:
        Path of each file below the folder, by its path below the source.
    """
    folder.mkdir(parents=True, exist_ok=True)
    inner: dict[str, list[str]] = {}
    for path in paths:
        first, _, rest = path.partition('/')
        inner.setdefault(first, []).append(rest)
    found = {}
    taken: set[str] = set()
    # Names that fit keep them.
    for name in sorted(inner, key=lambda name: (not fits_lists(name), name)):
        new, number = as_listed(name), 1
        while new in taken:
            number += 1
            new = f'{as_listed(name)}_{number}'
        taken.add(new)
        rests = inner[name]
        there = folder / new
        if rests == ['']:
            _link(source / name, there)
            found[name] = new
        elif all(map(fits_lists, rests)) and not (there.is_dir() and not there.is_symlink()):
            _link(source / name, there)
            found |= {f'{name}/{rest}': f'{new}/{rest}' for rest in rests}
        else:
            below = _mirror(source / name, there, rests)
            found |= {f'{name}/{rest}': f'{new}/{path}' for rest, path in below.items()}
    return found


def _link(source: Path, place: Path) -> None:
    if os.path.lexists(place):
        if place.exists() and place.samefile(source):
            return
        raise _in_the_way(place, source)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(source.resolve(), target_is_directory=source.is_dir())


def _in_the_way(place: Path, source: Path) -> DataError:
    return DataError(
        f'{printable(str(place))} is there and is not {printable(str(source))}: move it away, or '
        'prepare the data set in another folder'
    )
