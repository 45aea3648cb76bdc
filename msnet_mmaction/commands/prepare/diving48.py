"""Diving48 V2: mp4 videos, json files of names and labels."""

from collections.abc import Sequence
from pathlib import Path

from ...datasets.errors import DataError
from .download import Clip, Download, Split, find_file, read_json


def read_classes(root: Path) -> list[str]:
    """Read ``Diving48_vocab.json``, the four parts of each dive in the order of the labels."""
    path = find_file(root, 'Diving48_vocab.json')
    entries = read_json(path, list)
    names = [
        ' '.join(filter(None, entry)) if isinstance(entry, list) else str(entry)
        for entry in entries
    ]
    if len(set(names)) < len(names):
        raise DataError(f'{path} names a class twice')
    return names


def read_splits(root: Path, names: Sequence[str]) -> list[Split]:
    """Read ``Diving48_V2_{train,test}.json``, entries of ``vid_name`` and ``label``."""
    return [_read(root, 'train', 'train', names), _read(root, 'val', 'test', names)]


def _read(root: Path, split: str, word: str, names: Sequence[str]) -> Split:
    path = find_file(root, f'Diving48_V2_{word}.json')
    clips = []
    for entry in read_json(path, list):
        try:
            name, label = str(entry['vid_name']), int(entry['label'])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{path}: {entry} has no 'vid_name' and 'label'") from error
        if not 0 <= label < len(names):
            raise DataError(f'{path}: {name} has label {label}, of {len(names)} classes')
        clips.append(Clip(name, names[label]))
    return Split(split, 'videos', clips, f'diving48_{split}_list_videos.txt')


DOWNLOAD = Download(
    dataset='diving48',
    classes='',
    folders={'videos': ('videos', 'rgb')},
    read_splits=read_splits,
    read_classes=read_classes,
    note='The annotation files are those of V2; V1 has other labels, and is not read.',
)
