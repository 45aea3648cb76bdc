"""Jester V1: folders of jpg frames, csv files of ``id;label``."""

from collections.abc import Sequence
from pathlib import Path

from .download import Download, Split, find_file, read_frame_splits, read_lines

_PUBLISHED = {'train': 118_562, 'val': 14_787, 'test': 14_743}


def read_classes(root: Path) -> list[str]:
    """Read ``jester-v1-labels.csv``, a name a line; mmaction2's lists count in its order."""
    return read_lines(find_file(root, 'jester-v1-labels.csv'))


def read_splits(root: Path, names: Sequence[str]) -> list[Split]:
    """Read ``jester-v1-{train,validation,test}.csv``; the last may lack."""
    return read_frame_splits(root, 'jester-v1', 'jester', names, _PUBLISHED)


DOWNLOAD = Download(
    dataset='jester',
    classes='',
    folders={'rawframes': ('rawframes', '20bn-jester-v1')},
    read_splits=read_splits,
    frames=True,
    published=148_092,
    read_classes=read_classes,
)
