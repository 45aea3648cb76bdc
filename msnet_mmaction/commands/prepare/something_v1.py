"""Something-Something V1: folders of jpg frames, csv files of ``id;label``."""

from collections.abc import Sequence
from pathlib import Path

from ...datasets.errors import DataError
from .download import Clip, Download, Split, check_class, find_file, read_lines

_PUBLISHED = {'train': 86_017, 'val': 11_522, 'test': 10_960}


def read_splits(root: Path, names: Sequence[str]) -> list[Split]:
    """Read ``something-something-v1-{labels,train,validation,test}.csv``; the last may lack."""
    labels = find_file(root, 'something-something-v1-labels.csv')
    published = read_lines(labels)
    if sorted(published) != sorted(names):
        odd = sorted(set(published) ^ set(names))
        raise DataError(f"{labels} does not name the classes of the data set, as for '{odd[0]}'")
    splits = [_read(root, 'train', 'train', names), _read(root, 'val', 'validation', names)]
    try:
        path = find_file(root, 'something-something-v1-test.csv')
    except DataError:
        return splits
    clips = [Clip(line.partition(';')[0], None) for line in read_lines(path)]
    return [*splits, Split('test', 'rawframes', clips, None, _PUBLISHED['test'])]


def _read(root: Path, split: str, word: str, names: Sequence[str]) -> Split:
    path = find_file(root, f'something-something-v1-{word}.csv')
    clips = []
    for line in read_lines(path):
        name, semicolon, label = line.partition(';')
        if not semicolon:
            raise DataError(f"{path}: '{line}' is not 'id;label'")
        clips.append(Clip(name, check_class(label, names, path)))
    return Split(split, 'rawframes', clips, f'sthv1_{split}_list_rawframes.txt', _PUBLISHED[split])


DOWNLOAD = Download(
    dataset='sthv1',
    classes='sthv1',
    folders={'rawframes': ('rawframes', '20bn-something-something-v1')},
    read_splits=read_splits,
    frames=True,
    published=108_499,
)
