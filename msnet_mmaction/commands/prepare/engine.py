"""Preparation of any of the data sets: from a download to lists."""

import os
from collections.abc import Sequence
from pathlib import Path

from ...datasets.errors import DataError
from ...datasets.labels.classes import load_classes
from ...utils.files import atomic_write_bytes
from . import diving48, hmdb51, jester, kinetics400, something_v1, something_v2, ucf101
from .checks import check_frames, check_video
from .download import Download, Split, find_folder
from .journal import check_all
from .links import link_media
from .media import Media
from .names import printable
from .report import Report
from .sorting import sort_out

#: The data sets that can be prepared, by name.
DOWNLOADS = {
    module.DOWNLOAD.dataset: module.DOWNLOAD
    for module in (something_v1, something_v2, kinetics400, hmdb51, ucf101, jester, diving48)
}


def prepare(
    dataset: str,
    root: str | os.PathLike | None = None,
    out: str | os.PathLike | None = None,
    classes: str | None = None,
    workers: int | None = None,
) -> Report:
    """Make mmaction2's lists of a download, after checking each of its files.

    The lists, ``label_map.txt`` and links to the videos are written to the paths of the configs. An
    existing list that differs is kept as ``<name>.old``. The report is written to
    ``<out>/preparation``. The download itself is only read. After an interruption, the same call
    continues.

    Args:
        dataset: One of :data:`DOWNLOADS`.
        root: Folder of the download, ``data/<dataset>`` by default.
        out: Folder of the lists, ``data/<dataset>`` by default.
        classes: Class list of the labels, to use the other order of the data set.
        workers: Number of threads; by default that of the cores.

    Returns:
        The report.

    Raises:
        DataError: If annotation files or videos are not found, or do not belong to the data set.
    """
    download = DOWNLOADS[dataset]
    root = Path(root or Path('data', dataset))
    out = Path(out or Path('data', dataset))
    if not root.is_dir():
        raise DataError(f'there is no folder {root}: name that of the download')
    published = download.class_names(root)
    names = _class_names(download, published, classes)
    splits = download.read_splits(root, published)
    # All files are found before anything is written.
    media = _find_media(download, root, splits, published)
    candidates = _candidates(media, splits)
    listed = {
        place: link_media(media[place], out / place, names, download.folders[place][1])
        for place, names in candidates.items()
    }
    (out / 'preparation').mkdir(parents=True, exist_ok=True)

    files = {
        f'{place}/{name}': media[place].path(name)
        for place, names in listed.items()
        for name in names
    }
    workers = workers or os.cpu_count() or 1
    print(f'Checking {len(files):,} videos of {download.dataset} on {workers} threads:')
    check = check_frames if download.frames else check_video
    checks = check_all(files, check, out / 'preparation' / 'checked.jsonl', workers)
    report, lists = sort_out(download, names, splits, media, listed, checks)
    for name, lines in lists.items():
        if lines:
            replace_list(out / name, lines)
    replace_list(out / 'label_map.txt', names)
    report.write(out / 'preparation')
    return report


def _class_names(download: Download, published: list[str], classes: str | None) -> list[str]:
    if classes == f'{download.dataset}-by-name':
        return sorted(published)
    names = published if classes is None else load_classes(classes)
    if sorted(names) != sorted(published):
        raise DataError(f"'{classes}' does not name the classes of {download.dataset}")
    return names


def _find_media(
    download: Download, root: Path, splits: list[Split], classes: list[str]
) -> dict[str, Media]:
    """The contents of the folders of a download, by the names of the folders in the configs."""
    sources = {place: find_folder(root, found) for place, found in download.folders.items()}
    there = [root / name for name in download.replacements if (root / name).is_dir()]
    media = {}
    for place, source in sources.items():
        clips = [clip.name for split in splits if split.folder == place for clip in split.clips]
        replacement = there[0] if there and not (source / there[0].name).exists() else None
        frames = clips if download.frames else None
        media[place] = Media(place, source, replacement, classes, frames)
    return media


def _candidates(media: dict[str, Media], splits: list[Split]) -> dict[str, list[str]]:
    """The files that may be a clip of a split, each once, by folder."""
    found: dict[str, dict[str, None]] = {place: {} for place in media}
    for split in splits:
        for clip in split.clips:
            found[split.folder].update(dict.fromkeys(media[split.folder].find(clip)))
    if not any(found.values()):
        first = next(iter(media.values()))
        there = ', '.join(map(printable, [*first.all(), *first.ignored][:3])) or 'nothing'
        raise DataError(
            f'none of the annotated videos was found in {first.source}, such as '
            f'{splits[0].clips[0].name}. There is {there}'
        )
    return {place: list(names) for place, names in found.items()}


def replace_list(path: Path, lines: Sequence[str]) -> None:
    """Write a text file; an existing one that differs is kept as ``<name>.old``."""
    content = ''.join(f'{line}\n' for line in lines).encode()
    if path.exists() and path.read_bytes() != content:
        os.replace(path, path.with_name(f'{path.name}.old'))
    atomic_write_bytes(path, content)
