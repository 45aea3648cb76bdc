"""From a download to lists, whatever the data set."""

import os
from collections import Counter
from pathlib import Path

from ...datasets.errors import DataError
from ...datasets.labels.classes import load_classes
from ...utils.files import atomic_write_bytes
from . import hmdb51, kinetics400, something_v1, something_v2
from .checks import Check, check_frames, check_video
from .download import Download, Split, find_folder
from .journal import check_all
from .media import Media, link_folder, list_media
from .report import Fault, Report

#: The data sets that can be prepared, by name.
DOWNLOADS = {
    module.DOWNLOAD.dataset: module.DOWNLOAD
    for module in (something_v1, something_v2, kinetics400, hmdb51)
}


def prepare(
    dataset: str,
    root: str | os.PathLike | None = None,
    out: str | os.PathLike | None = None,
    classes: str | None = None,
    workers: int | None = None,
) -> Report:
    """Make mmaction2's lists of a download, after checking each of its files.

    The lists, ``label_map.txt`` and links to the videos are written where the configs expect them;
    a list that is there and differs is kept as ``<name>.old``. What was found is written to
    ``<out>/preparation``. The download itself is only read. After an interruption, the same call
    goes on where it was.

    Args:
        dataset: One of :data:`DOWNLOADS`.
        root: Folder of the download, ``data/<dataset>`` by default.
        out: Folder of the lists, ``data/<dataset>`` by default.
        classes: Class list that the labels count, if not that of the data set: its other order.
        workers: Number of threads; that of the cores by default.

    Returns:
        What was found.

    Raises:
        DataError: If annotation files or videos are not found, or do not belong to the data set.
    """
    download = DOWNLOADS[dataset]
    root = Path(root or Path('data', dataset))
    out = Path(out or Path('data', dataset))
    names = _class_names(download, classes)
    if not root.is_dir():
        raise DataError(f'there is no folder {root}: name that of the download')
    splits = download.read_splits(root, load_classes(download.classes))
    # All are found before anything is made.
    sources = {place: find_folder(root, found) for place, found in download.folders.items()}
    for place, source in sources.items():
        link_folder(source, out / place)
    (out / 'preparation').mkdir(parents=True, exist_ok=True)

    media = {place: list_media(out / place, download.frames) for place in sources}
    checks = _check(download, out, splits, media, workers or os.cpu_count() or 1)
    report, lists = _sort_out(download, names, splits, media, checks)
    for name, lines in lists.items():
        _replace(out / name, lines)
    _replace(out / 'label_map.txt', names)
    report.write(out / 'preparation')
    return report


def _class_names(download: Download, classes: str | None) -> list[str]:
    own = load_classes(download.classes)
    names = load_classes(classes or download.classes)
    if sorted(names) != sorted(own):
        raise DataError(f"'{classes}' does not name the classes of {download.dataset}")
    return names


def _check(
    download: Download,
    out: Path,
    splits: list[Split],
    media: dict[str, Media],
    workers: int,
) -> dict[str, Check]:
    """Check each file that a split names, once."""
    paths = {}
    for split in splits:
        for clip in split.clips:
            path = media[split.folder].find(clip.name)
            if path is not None:
                paths[f'{split.folder}/{path}'] = None
    if not paths:
        place, found = next(iter(media.items()))
        there = ', '.join([*found.files.values()][:3]) or 'nothing'
        raise DataError(
            f'none of the annotated videos was found in {out / place}, such as '
            f'{splits[0].clips[0].name}. There is {there}'
        )
    print(f'Checking {len(paths):,} videos of {download.dataset} on {workers} threads:')
    check = check_frames if download.frames else check_video
    return check_all(out, list(paths), check, out / 'preparation' / 'checked.jsonl', workers)


def _sort_out(
    download: Download,
    names: list[str],
    splits: list[Split],
    media: dict[str, Media],
    checks: dict[str, Check],
) -> tuple[Report, dict[str, list[str]]]:
    """Divide the clips into the lines of the lists and the faults of the report."""
    labels = {name: label for label, name in enumerate(names)}
    report = Report(download, names, splits)
    lists: dict[str, list[str]] = {}
    single = set()
    for split in splits:
        lines = lists.setdefault(split.list_name, []) if split.list_name else []
        usable = report.usable[split.name] = Counter()
        for clip in split.clips:
            path = media[split.folder].find(clip.name)
            if path is None:
                report.faults.append(Fault(split.name, clip, '', 'it is missing'))
                continue
            where = f'{split.folder}/{path}'
            frames, fault, damaged = checks[where]
            if ' ' in path:
                fault = "its name has a space, which mmaction2's lists cannot hold"
            if fault:
                report.faults.append(Fault(split.name, clip, where, fault))
                continue
            usable[clip.class_name] += 1
            if frames == 1:
                single.add(where)
            if damaged:
                report.damaged[where] = damaged
            if split.list_name:
                size = f' {frames}' if download.frames else ''
                lines.append(f'{path}{size} {labels[clip.class_name]}')
    report.single_frames = len(single)
    for place, found in media.items():
        unlisted = {*found.files.values(), *found.doubles}
        report.unlisted += sorted(
            where for path in unlisted if (where := f'{place}/{path}') not in checks
        )
    return report, lists


def _replace(path: Path, lines: list[str]) -> None:
    """Write a text file; another one that was there is kept."""
    content = ''.join(f'{line}\n' for line in lines).encode()
    if path.exists() and path.read_bytes() != content:
        os.replace(path, path.with_name(f'{path.name}.old'))
    atomic_write_bytes(path, content)
