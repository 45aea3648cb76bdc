"""Description of a data set as it is downloaded; finding and reading its annotation files."""

import csv
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ...datasets.errors import DataError
from ...datasets.labels.classes import load_classes

#: Folders of annotation files below the root, in downloads and in mmaction2's layout.
ANNOTATION_FOLDERS = (
    '', 'annotations', 'labels', 'testTrainMulti_7030_splits', 'ucfTrainTestlist',
)  # fmt: skip


class Clip(NamedTuple):
    """A video of an annotation file."""

    #: Path below the folder of the videos, without suffix: ``<class folder>/<id>`` or ``<id>``.
    name: str
    #: None if the annotation has none, as in test splits.
    class_name: str | None


class Split(NamedTuple):
    """A split of a data set, of its annotation files."""

    name: str
    #: Folder of the videos in the configs: a key of :attr:`Download.folders`.
    folder: str
    clips: list[Clip]
    #: Name of its list in the configs; None if the split is only checked.
    list_name: str | None
    #: Published number of its clips; None if copies of the data set differ.
    published: int | None = None


@dataclass(frozen=True)
class Download:
    """A data set as it is downloaded.

    Attributes:
        dataset: Name of the data set, and of its folder below ``data``.
        classes: Class list of the labels in the lists.
        folders: Names of the folder in downloads, by the folder in the configs.
        read_splits: Reads the annotation files below a root, given the class names.
        frames: Whether a video is a folder of jpg frames.
        published: Published number of all videos; None if copies of the data set differ.
        note: A note on the numbers for users.
        replacements: Folders below the root with replacements of broken files.
        read_classes: Reads the class names below a root, in the order of the labels, where they do
            not come with the package.
        unique_names: Whether names of files, without their folders, are unique.
    """

    dataset: str
    classes: str
    folders: dict[str, tuple[str, ...]]
    read_splits: Callable[[Path, Sequence[str]], list[Split]]
    frames: bool = False
    published: int | None = None
    note: str = ''
    replacements: tuple[str, ...] = ()
    read_classes: Callable[[Path], list[str]] | None = None
    unique_names: bool = True

    def class_names(self, root: Path) -> list[str]:
        """Class names in the order of the labels, as published."""
        return load_classes(self.classes) if self.read_classes is None else self.read_classes(root)


def find_file(root: Path, *names: str) -> Path:
    """Find an annotation file.

    Args:
        root: Folder of the download.
        names: Names that it may have.

    Raises:
        DataError: If it is nowhere.
    """
    for folder in ANNOTATION_FOLDERS:
        for name in names:
            if (root / folder / name).is_file():
                return root / folder / name
    raise DataError(
        f'no annotation file {" or ".join(names)} in {root} or its folders '
        f'{", ".join(ANNOTATION_FOLDERS[1:])}. Download the annotations, and unpack them there'
    )


def find_folder(root: Path, names: Sequence[str]) -> Path:
    """Find a folder of videos.

    Args:
        root: Folder of the download.
        names: Names that it may have.

    Raises:
        DataError: If it is nowhere.
    """
    found = [root / name for name in names if (root / name).is_dir()]
    # Links of an earlier run, which are beside the download if the lists are, come last.
    found.sort(key=lambda folder: folder.is_symlink() or holds_only_links(folder))
    if found:
        return found[0]
    raise DataError(
        f'no folder {" or ".join(names)} in {root}: unpack the download there, or make a link of '
        'such a name to it'
    )


def holds_only_links(folder: Path) -> bool:
    """Whether a folder and its subfolders hold only links."""
    with os.scandir(folder) as entries:
        return all(
            entry.is_symlink()
            or (entry.is_dir(follow_symlinks=False) and holds_only_links(Path(entry.path)))
            for entry in entries
        )


def read_lines(path: Path) -> list[str]:
    """Lines of a text file that are not empty, without the white space around them."""
    try:
        lines = [line.strip() for line in path.read_text(encoding='utf-8-sig').splitlines()]
    except UnicodeDecodeError as error:
        raise DataError(f'{path} is not a text file: {error}') from error
    lines = [line for line in lines if line]
    if not lines:
        raise DataError(f'{path} is empty: download it again')
    return lines


def read_table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a csv file with a header that has at least these columns."""
    try:
        rows = list(csv.DictReader(read_lines(path)))
    except csv.Error as error:
        raise DataError(f'{path} is not a csv file: {error}') from error
    lacking = [column for column in columns if not rows or rows[0].get(column) is None]
    if lacking:
        raise DataError(f'{path} has no column {", ".join(lacking)}, or no rows')
    for row in rows:
        if any(row[column] is None for column in columns):
            raise DataError(f'{path}: the row of {next(iter(row.values()))} is too short')
    return rows


def read_json(path: Path, kind: type) -> Any:
    """Content of a json file, of an expected type."""
    try:
        content = json.loads(path.read_text(encoding='utf-8-sig'))
    except ValueError as error:
        raise DataError(f'{path} is not complete json: download it again ({error})') from error
    if not isinstance(content, kind) or not content:
        raise DataError(f'{path} holds no {kind.__name__}: it is another file, or empty')
    return content


def check_class(name: str, names: Sequence[str], path: Path) -> str:
    """Return the name of a class, if there is such a class.

    Raises:
        DataError: If there is none.
    """
    if name not in names:
        raise DataError(
            f"{path}: '{name}' is none of the {len(names)} classes of this data set. It is a file "
            'of another data set or version, or damaged'
        )
    return name


def read_frame_splits(
    root: Path, prefix: str, dataset: str, names: Sequence[str], published: Mapping[str, int]
) -> list[Split]:
    """Read ``<prefix>-{train,validation,test}.csv`` of ``id;label``; the last may lack.

    Args:
        root: Folder of the download.
        prefix: What the names of the annotation files begin with.
        dataset: What the names of the lists begin with.
        names: Class names, in the order of the labels.
        published: Number of clips of each split.

    Raises:
        DataError: If a file is missing, or a line does not fit.
    """
    splits = []
    for split, word in (('train', 'train'), ('val', 'validation')):
        path = find_file(root, f'{prefix}-{word}.csv')
        clips = []
        for line in read_lines(path):
            name, semicolon, label = line.partition(';')
            if not semicolon:
                raise DataError(f"{path}: '{line}' is not 'id;label'")
            clips.append(Clip(name, check_class(label, names, path)))
        file = f'{dataset}_{split}_list_rawframes.txt'
        splits.append(Split(split, 'rawframes', clips, file, published[split]))
    try:
        path = find_file(root, f'{prefix}-test.csv')
    except DataError:
        return splits
    tested = [Clip(line.partition(';')[0], None) for line in read_lines(path)]
    return [*splits, Split('test', 'rawframes', tested, None, published['test'])]
