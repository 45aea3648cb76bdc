"""Preparation of a user's own videos: lists and a config."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from ...checkpoints import check_checkpoint_file
from ...datasets.errors import DataError
from .checks import Check, check_video
from .download import Clip, Download, Split
from .engine import replace_list
from .journal import check_all
from .links import link_files, link_media
from .names import as_listed
from .own_config import choose_sampling, config_text, flips_of, of_this_machine
from .own_videos import OwnMedia, OwnVideo, OwnVideos, find_in_folder, find_in_table
from .report import Report
from .sorting import sort_out
from .splitting import Sourced, choose_validation


class Prepared(NamedTuple):
    """The result of a preparation.

    Attributes:
        report: Report on the videos.
        config: The config.
        choices: Settings of the config that were chosen, with reasons.
    """

    report: Report
    config: Path
    choices: list[str]


def prepare_folder(
    root: str | os.PathLike | None = None,
    table: str | os.PathLike | None = None,
    out: str | os.PathLike | None = None,
    val_share: float = 0.2,
    seed: int = 0,
    source_pattern: str | None = None,
    network: str = 'r18',
    sampling: str | None = None,
    flip: bool = True,
    load_from: str | None = None,
    from_scratch: bool = False,
    workers: int | None = None,
) -> Prepared:
    """Make lists, a label map and a config of videos, after checking each of them.

    The videos are only read. ``out`` gets ``train.txt``, ``val.txt``, ``label_map.txt``, ``videos``
    (links), ``preparation`` (the report) and the config.

    Args:
        root: Folder with one folder a class, or with such folders in ``train`` and ``val``.
        table: A csv file of paths and labels, see :func:`.find_in_table`.
        out: By default ``data/NAME`` with the name of the root or the table;
            ``data/NAME_prepared`` if that is the folder of the videos.
        val_share: Share of each class for validation, if folders or table have no splits.
        seed: Seed of the division into splits.
        source_pattern: See :func:`.find_in_folder`.
        network: One of :data:`.NETWORKS`.
        sampling: One of :data:`.SAMPLINGS`; by default chosen by the lengths of the videos.
        flip: Whether training flips videos, except those of classes with left and right.
        load_from: A checkpoint to fine-tune.
        from_scratch: Whether the config starts from random weights, not from those of ImageNet.
        workers: Number of threads; by default that of the cores.

    Raises:
        DataError: If there are no videos, only one class, or only one usable video in a class.
        CheckpointError: If ``load_from`` is a file and no checkpoint.
    """
    if not 0 < val_share < 1:
        raise DataError(f'--val-share is a share between 0 and 1, such as 0.2; got {val_share:g}')
    if load_from is not None:
        load_from = _checkpoint(load_from)
    if table is not None:
        found = find_in_table(Path(table), None if root is None else Path(root))
    elif root is not None:
        found = find_in_folder(Path(root), source_pattern)
    else:
        raise DataError('name the folder of your videos by --root, or a csv file by --csv')
    names = found.class_names()
    _check_classes(found, names)
    media = OwnMedia(found)
    if table is None:
        out = _out(found.root, out)
        listed = link_media(media, out / 'videos', media.all(), f'{found.root.name}_original')
    else:
        out = Path(out or Path('data', Path(table).stem))
        classes = {video.name: video.class_name for video in found.videos}
        listed = link_files({n: media.path(n) for n in classes}, classes, out / 'videos')
    (out / 'preparation').mkdir(parents=True, exist_ok=True)

    workers = workers or os.cpu_count() or 1
    print(f'Checking {len(listed):,} videos on {workers} threads:')
    files = {f'videos/{name}': media.path(name) for name in listed}
    checks = check_all(files, check_video, out / 'preparation' / 'checked.jsonl', workers)
    splits = _splits(found, checks, val_share, seed)
    download = Download(
        dataset=out.name,
        classes=str(out / 'label_map.txt'),
        folders={'videos': ('videos',)},
        read_splits=lambda root, names: splits,
        unique_names=False,
    )
    report, lists = sort_out(download, names, splits, {'videos': media}, {'videos': listed}, checks)
    report.write(out / 'preparation')
    _check_report(report, names)
    for name, lines in lists.items():
        replace_list(out / name, lines)
    replace_list(out / 'label_map.txt', names)

    frames = [checks[name].frames for name in report.used]
    chosen = sampling or choose_sampling(frames)
    flips, why = flips_of(names) if flip else ('none', 'no flips: --no-flip')
    machine = of_this_machine(network, len(lists['train.txt']))
    config = out / f'msnet_{network}_{as_listed(out.name)}.py'
    text = config_text(
        out, len(names), network, chosen, flips, machine, load_from, from_scratch,
        'test.txt' in lists,
    )  # fmt: skip
    replace_list(config, text.splitlines())
    choices = [
        f'sampling: {chosen}, as the videos have {median(frames):.0f} frames (median)'
        if sampling is None
        else f'sampling: {chosen}, as asked for',
        why,
        f'{machine.batch_size} clips a batch and {machine.num_workers} workers on each device',
    ]
    return Prepared(report, config, choices)


def _checkpoint(source: str) -> str:
    if '://' in source:
        return source
    path = Path(source).expanduser().absolute()
    if not path.is_file():
        raise DataError(f'--load-from: there is no checkpoint {path}')
    check_checkpoint_file(path)
    return str(path)


def _check_classes(found: OwnVideos, names: Sequence[str]) -> None:
    if len(names) < 2:
        raise DataError(
            f"all {len(found.videos)} videos are of one class, '{names[0]}': a network learns to "
            'tell two or more apart. A folder holds a folder a class'
        )
    divided = [video for video in found.videos if video.split is not None]
    if divided and len(divided) < len(found.videos):
        odd = next(video for video in found.videos if video.split is None)
        raise DataError(f'{odd.name} is of no split, others are: name one for each video, or none')
    for split in ('train', 'val') if divided else ():
        there = {video.class_name for video in divided if video.split == split}
        missing = [name for name in names if name not in there]
        if missing:
            raise DataError(f"the class '{missing[0]}' has no video in {split}")
    for name, count in Counter(video.class_name for video in found.videos).items():
        if not divided and count < 2:
            raise DataError(
                f"the class '{name}' has one video: one is needed for training and another one for "
                'validation. Add videos, or take the class away'
            )


def _out(root: Path, out: str | os.PathLike | None) -> Path:
    if out is None:
        name = root.absolute().name
        out = Path('data', name)
        if _is_below(out, root):
            out = Path('data', f'{name}_prepared')
    if _is_below(Path(out), root):
        raise DataError(
            f'{out} is in the folder of the videos, {root}, which is only read: name another '
            'folder by --out'
        )
    return Path(out)


def _is_below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _splits(found: OwnVideos, checks: dict[str, Check], val_share: float, seed: int) -> list[Split]:
    """The splits of folders or table, or a share of each class for validation."""
    videos = found.videos
    if videos[0].split is None:
        usable = [v for v in videos if checks[f'videos/{v.name}'].fault is None]
        counts = Counter(video.class_name for video in usable)
        for name in found.class_names():
            if counts[name] < 2:
                bad = next(v for v in videos if v.class_name == name and v not in usable)
                raise DataError(
                    f"the class '{name}' has {counts[name]} usable videos, and needs two: "
                    f'{bad.name}: {checks[f"videos/{bad.name}"].fault}'
                )
        validate = choose_validation(
            [Sourced(v.class_name, v.source) for v in usable], val_share, seed
        )
        chosen = {v.name for v, is_chosen in zip(usable, validate, strict=True) if is_chosen}
        videos = [v._replace(split='val' if v.name in chosen else 'train') for v in videos]
    return [
        Split(split, 'videos', _clips(videos, split), f'{split}.txt')
        for split in ('train', 'val', 'test')
        if _clips(videos, split)
    ]


def _clips(videos: Sequence[OwnVideo], split: str) -> list[Clip]:
    return [Clip(video.name, video.class_name) for video in videos if video.split == split]


def _check_report(report: Report, names: Sequence[str]) -> None:
    for split in ('train', 'val'):
        empty = [name for name in names if not report.usable[split][name]]
        if empty:
            raise DataError(
                f"not one video of the class '{empty[0]}' in {split} can be read: see "
                'preparation/faults.tsv'
            )
