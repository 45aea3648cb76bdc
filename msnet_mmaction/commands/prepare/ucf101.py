"""UCF-101: avi videos in class folders, three splits in text files of paths."""

import os
from collections.abc import Sequence
from pathlib import Path

from ...datasets.errors import DataError
from .download import Clip, Download, Split, check_class, find_file, read_lines

# Of the three splits, those of training and those of testing.
_PUBLISHED = {'train': (9_537, 9_586, 9_624), 'val': (3_783, 3_734, 3_696)}


def read_classes(root: Path) -> list[str]:
    """Read ``classInd.txt``, lines of a number from 1 and a name."""
    path = find_file(root, 'classInd.txt')
    names = {}
    for line in read_lines(path):
        number, _, name = line.partition(' ')
        if not number.isdecimal() or not name:
            raise DataError(f"{path}: '{line}' is not '<number> <class>'")
        names[int(number)] = name.strip()
    if sorted(names) != list(range(1, len(names) + 1)):
        raise DataError(f'{path} does not number the classes from 1 to {len(names)}')
    return [names[number] for number in sorted(names)]


def read_splits(root: Path, names: Sequence[str]) -> list[Split]:
    """Read ``trainlist0{1,2,3}.txt`` and ``testlist0{1,2,3}.txt``, lines of ``<class>/<video>``.

    Those of training have a label after it.
    """
    splits = []
    for number in (1, 2, 3):
        for split, word in (('train', 'trainlist'), ('val', 'testlist')):
            path = find_file(root, f'{word}{number:02}.txt')
            clips = []
            for line in read_lines(path):
                folder, slash, video = line.split(' ')[0].partition('/')
                if not slash:
                    raise DataError(f"{path}: '{line}' is not '<class>/<video>'")
                name = f'{folder}/{os.path.splitext(video)[0]}'
                clips.append(Clip(name, check_class(folder, names, path)))
            list_name = f'ucf101_{split}_split_{number}_videos.txt'
            published = _PUBLISHED[split][number - 1]
            splits.append(Split(f'{split} {number}', 'videos', clips, list_name, published))
    return splits


DOWNLOAD = Download(
    dataset='ucf101',
    classes='',
    folders={'videos': ('videos', 'UCF-101')},
    read_splits=read_splits,
    published=13_320,
    read_classes=read_classes,
)
