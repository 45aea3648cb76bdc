"""Class names, in the order in which their labels count, and the directions among them."""

import re
from collections.abc import Sequence
from pathlib import Path

_FOLDER = Path(__file__).parent / 'class_names'


def load_classes(name: str) -> list[str]:
    """Class names in the order of their labels.

    Args:
        name: One of the lists that come with the package, or the path of a label map with one
            class a line. ``sthv1`` is the order that mmaction2's lists of Something-Something V1
            have (that of the published CSV file); ``sthv2`` is sorted by name, as V2 itself and
            the V1 lists of the authors of TSM and MotionSqueeze. The two hold the same names:
            take the one that your lists were made with.

    Raises:
        ValueError: If there is neither such a list nor such a file, or a name in it twice.
    """
    known = {path.stem: path for path in sorted(_FOLDER.glob('*.txt'))}
    path = known.get(name, Path(name))
    if not path.is_file():
        raise ValueError(
            f"'{name}' is neither a label map nor one of the class lists {', '.join(known)}"
        )
    names = [line.strip() for line in path.read_text(encoding='utf-8').splitlines()]
    names = [line for line in names if line]
    doubles = sorted({line for line in names if names.count(line) > 1})
    if doubles:
        raise ValueError(f'{path} names a class twice: {", ".join(doubles)}')
    return names


def mirrored_classes(names: Sequence[str]) -> dict[int, int]:
    """Labels that change when a video is flipped left to right, both ways.

    They are found by name: two classes that differ by the words "left" and "right" swapped.

    Args:
        names: Class names in the order of their labels.

    Returns:
        Label to the label of the mirrored video.
    """
    labels = {name: label for label, name in enumerate(names)}
    other = {'left': 'right', 'right': 'left'}
    mirrored = {}
    for name, label in labels.items():
        swapped = re.sub(r'\b(left|right)\b', lambda word: other[word.group()], name)
        if swapped != name and swapped in labels:
            mirrored[label] = labels[swapped]
    return mirrored
