"""HMDB-51: avi videos in class folders, three splits in a text file a class and split."""

import os
from collections.abc import Sequence
from pathlib import Path

from ...datasets.errors import DataError
from ...utils.video_files import is_video_file
from .download import Clip, Download, Split, find_file, read_lines

# In each of its splits, a class trains on 70 clips and is tested on 30.
_PUBLISHED = {'train': 51 * 70, 'val': 51 * 30}
_USE = {'0': 'unused', '1': 'train', '2': 'val'}


def read_splits(root: Path, names: Sequence[str]) -> list[Split]:
    """Read ``<class>_test_split{1,2,3}.txt``, lines of a file name and 1 (train), 2 (test) or 0."""
    splits = []
    for number in (1, 2, 3):
        clips: dict[str, list[Clip]] = {'train': [], 'val': [], 'unused': []}
        for name in names:
            path = find_file(root, f'{name}_test_split{number}.txt')
            for line in read_lines(path):
                video, _, use = line.rpartition(' ')
                if use not in _USE:
                    raise DataError(f"{path}: '{line}' is not '<video> <0, 1 or 2>'")
                video = video.strip()
                stem = os.path.splitext(video)[0] if is_video_file(video) else video
                clips[_USE[use]].append(Clip(f'{name}/{stem}', name))
        for split, published in _PUBLISHED.items():
            list_name = f'hmdb51_{split}_split_{number}_videos.txt'
            title = f'{split} {number}'
            splits.append(Split(title, 'videos', clips[split], list_name, published))
        splits.append(Split(f'unused {number}', 'videos', clips['unused'], None))
    return splits


DOWNLOAD = Download(
    dataset='hmdb51',
    classes='hmdb51',
    folders={'videos': ('videos', 'hmdb51_org')},
    read_splits=read_splits,
    published=6_766,
)
