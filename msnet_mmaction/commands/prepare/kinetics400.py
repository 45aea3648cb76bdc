"""Kinetics-400: mp4 videos in class folders or in one, csv files."""

from collections.abc import Sequence
from pathlib import Path

from ...datasets.errors import DataError
from .download import Clip, Download, Split, check_class, find_file, read_table


def read_splits(root: Path, names: Sequence[str]) -> list[Split]:
    """Read the csv files of training and validation; the configs have no use for the test split."""
    return [
        _read(root, 'train', ('train',), names),
        _read(root, 'val', ('val', 'validate'), names),
    ]


def _read(root: Path, split: str, words: tuple[str, ...], names: Sequence[str]) -> Split:
    prefixes = ('kinetics_', 'kinetics-400_', '')
    path = find_file(root, *(f'{prefix}{word}.csv' for prefix in prefixes for word in words))
    clips = []
    for row in read_table(path, ('label', 'youtube_id', 'time_start', 'time_end')):
        label = check_class(row['label'].strip('"'), names, path)
        try:
            start, end = (int(float(row[key])) for key in ('time_start', 'time_end'))
        except (OverflowError, ValueError) as error:
            raise DataError(f'{path}: a time of {row["youtube_id"]} is no number') from error
        name = f'{row["youtube_id"]}_{start:06d}_{end:06d}'
        clips.append(Clip(f'{label.replace(" ", "_")}/{name}', label))
    return Split(split, f'videos_{split}', clips, f'kinetics400_{split}_list_videos.txt')


DOWNLOAD = Download(
    dataset='kinetics400',
    classes='k400',
    folders={
        'videos_train': ('videos_train', 'train', 'train_256'),
        'videos_val': ('videos_val', 'val', 'val_256'),
    },
    read_splits=read_splits,
    replacements=('replacement/replacement_for_corrupted_k400', 'replacement_for_corrupted_k400'),
    note=(
        'Copies of Kinetics differ, as videos leave YouTube. That of mmaction2, from which its '
        'published accuracies are, has 240,436 and 19,796 videos.'
    ),
)
