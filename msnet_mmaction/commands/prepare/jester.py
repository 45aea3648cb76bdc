"""Jester V1: folders of jpg frames, csv files of ``id;label``."""

from collections.abc import Sequence
from pathlib import Path

from ...datasets.errors import DataError
from .download import Clip, Download, Split, check_class, find_file, read_lines

_PUBLISHED = {'train': 118_562, 'val': 14_787, 'test': 14_743}


def read_classes(root: Path) -> list[str]:
    """Read ``jester-v1-labels.csv``, a name a line; mmaction2's lists count in its order."""
    return read_lines(find_file(root, 'jester-v1-labels.csv'))


def read_splits(root: Path, names: Sequence[str]) -> list[Split]:
    """Read ``jester-v1-{train,validation,test}.csv``; the last may lack."""
    splits = [_read(root, 'train', 'train', names), _read(root, 'val', 'validation', names)]
    try:
        path = find_file(root, 'jester-v1-test.csv')
    except DataError:
        return splits
    clips = [Clip(line.partition(';')[0], None) for line in read_lines(path)]
    return [*splits, Split('test', 'rawframes', clips, None, _PUBLISHED['test'])]


def _read(root: Path, split: str, word: str, names: Sequence[str]) -> Split:
    path = find_file(root, f'jester-v1-{word}.csv')
    clips = []
    for line in read_lines(path):
        name, semicolon, label = line.partition(';')
        if not semicolon:
            raise DataError(f"{path}: '{line}' is not 'id;label'")
        clips.append(Clip(name, check_class(label, names, path)))
    return Split(split, 'rawframes', clips, f'jester_{split}_list_rawframes.txt', _PUBLISHED[split])


DOWNLOAD = Download(
    dataset='jester',
    classes='',
    folders={'rawframes': ('rawframes', '20bn-jester-v1')},
    read_splits=read_splits,
    frames=True,
    published=148_092,
    read_classes=read_classes,
)
