"""Checks of the labels of a list and of the flips of a pipeline against a label map."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from mmaction.datasets.transforms import Flip

from ..errors import DataError
from ..transforms.flip import DirectionAwareFlip
from .classes import flip_label_map, load_classes

#: Names of label maps beside lists: that of ``tools/data/prepare.py``, and that of the scripts of
#: TSM and MotionSqueeze.
LABEL_MAP_NAMES = ('label_map.txt', 'category.txt')


def check_label_map_beside(list_file: str | os.PathLike, classes: str) -> None:
    """Check that a label map beside a list has the classes that the list is used with.

    The labels of a list are numbers, so that only a label map tells the two orders of
    Something-Something V1 apart.

    Args:
        list_file: The list.
        classes: Class list that it is used with: see
            :func:`msnet_mmaction.datasets.load_classes`.

    Raises:
        DataError: If there is a label map with other classes or another order.
    """
    expected = load_classes(classes)
    for path in (Path(list_file).parent / name for name in LABEL_MAP_NAMES):
        if not path.is_file():
            continue
        found = load_classes(str(path))
        if found != expected:
            raise DataError(
                f"the lists beside {path} do not fit the classes '{classes}': "
                f'{_difference(found, expected)}. {list_file} is one of them: set classes to its '
                f'order, or to {path}, and use a checkpoint of that order'
            )


def check_class_folders(
    names: Iterable[tuple[str, int]], list_file: str | os.PathLike, classes: str
) -> None:
    """Check labels against the names of the videos' folders, if these are names of classes.

    Args:
        names: Path and label of each video.
        list_file: The list, for the error.
        classes: Class list that the list is used with.

    Raises:
        DataError: If the folder of a video has the name of another class than its label.
    """
    folders = {_as_folder(name): label for label, name in enumerate(load_classes(classes))}
    for path, label in names:
        expected = folders.get(_as_folder(os.path.basename(os.path.dirname(path))), label)
        if label != expected:
            raise DataError(
                f'{list_file} gives {path} the label {label}, but its folder is class {expected} '
                f"of '{classes}': the list was made with another label map"
            )


def check_flips(transforms: Iterable[object], classes: str) -> None:
    """Check that the flips of a pipeline respect the classes that name a direction.

    Args:
        transforms: The transforms of the pipeline.
        classes: Class list of the data.

    Raises:
        DataError: If a ``DirectionAwareFlip`` has another class list, or if mmaction2's ``Flip``
            mirrors videos of a direction without changing their labels.
    """
    names = load_classes(classes)
    mirrored = flip_label_map(names)
    for transform in transforms:
        if isinstance(transform, DirectionAwareFlip):
            if load_classes(transform.classes) != names:
                raise DataError(
                    f"the dataset has the classes '{classes}', its DirectionAwareFlip those of "
                    f"'{transform.classes}': left and right would be confused. Give both the same"
                )
        elif (
            isinstance(transform, Flip)
            and transform.flip_ratio
            and mirrored
            and transform.flip_label_map != mirrored
        ):
            raise DataError(
                f"Flip mirrors videos of the classes '{classes}', of which {len(mirrored)} are "
                'left or right, and does not change their labels accordingly: use '
                f"dict(type='DirectionAwareFlip', classes='{classes}') instead"
            )


def _as_folder(name: str) -> str:
    """The name of a class's folder: mmaction2 replaces the spaces in those of Kinetics."""
    return name.replace(' ', '_')


def _difference(found: Sequence[str], expected: Sequence[str]) -> str:
    if len(found) != len(expected):
        return f'{len(found)} classes instead of {len(expected)}'
    label = next(i for i, (a, b) in enumerate(zip(found, expected, strict=True)) if a != b)
    same = ' (the same classes in another order)' if sorted(found) == sorted(expected) else ''
    return f"label {label} is '{found[label]}' instead of '{expected[label]}'{same}"
