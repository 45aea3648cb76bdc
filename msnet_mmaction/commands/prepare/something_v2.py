"""Something-Something V2: webm videos, json files with templates in brackets."""

from collections.abc import Sequence
from pathlib import Path

from ...datasets.errors import DataError
from .download import Clip, Download, Split, check_class, find_file, read_json

_PUBLISHED = {'train': 168_913, 'val': 24_777, 'test': 27_157}


def read_splits(root: Path, names: Sequence[str]) -> list[Split]:
    """Read ``{labels,train,validation,test}.json``, also by their older, longer names.

    The test file may lack.
    """
    labels = _find(root, 'labels')
    numbers = read_json(labels, dict)
    # The numbers are strings in the published file.
    if {name: str(number) for name, number in numbers.items()} != {
        name: str(number) for number, name in enumerate(names)
    }:
        raise DataError(f'{labels} does not number the classes as they are published, by name')
    splits = [_read(root, 'train', 'train', names), _read(root, 'val', 'validation', names)]
    try:
        path = _find(root, 'test')
    except DataError:
        return splits
    clips = [Clip(_field(item, 'id', path), None) for item in read_json(path, list)]
    return [*splits, Split('test', 'videos', clips, None, _PUBLISHED['test'])]


def _read(root: Path, split: str, word: str, names: Sequence[str]) -> Split:
    path = _find(root, word)
    clips = []
    for item in read_json(path, list):
        template = _field(item, 'template', path).replace('[', '').replace(']', '')
        clips.append(Clip(_field(item, 'id', path), check_class(template, names, path)))
    return Split(split, 'videos', clips, f'sthv2_{split}_list_videos.txt', _PUBLISHED[split])


def _find(root: Path, word: str) -> Path:
    return find_file(root, f'{word}.json', f'something-something-v2-{word}.json')


def _field(item: dict, key: str, path: Path) -> str:
    try:
        return str(item[key])
    except (KeyError, TypeError) as error:
        raise DataError(f"{path}: the entry {item} has no '{key}'") from error


DOWNLOAD = Download(
    dataset='sthv2',
    classes='sthv2',
    folders={'videos': ('videos', '20bn-something-something-v2')},
    read_splits=read_splits,
    published=220_847,
)
