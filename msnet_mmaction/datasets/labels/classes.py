"""Class names, in the order in which their labels count, and the directions among them."""

import re
from collections.abc import Sequence
from pathlib import Path

_FOLDER = Path(__file__).parent / 'class_names'
_BY_NAME = '-by-name'


def load_classes(name: str) -> list[str]:
    """Class names in the order of their labels.

    Args:
        name: One of the lists that come with the package, or the path of a label map with one
            class a line. Ending in ``-by-name``, the list is sorted by name.

            - ``sthv1``: the order of mmaction2's lists of Something-Something V1, that of the
              published CSV file. ``sthv1-by-name``: that of the lists which the scripts of TSM and
              MotionSqueeze write. The names are the same: take the order that your lists have.
            - ``sthv2``: the published order, which is by name; the names are those of V1.
            - ``k400``, ``hmdb51``: by name, as everywhere.

    Raises:
        ValueError: If there is neither such a list nor such a file, or a name in it twice.
    """
    known = {path.stem: path for path in sorted(_FOLDER.glob('*.txt'))}
    stem = name.removesuffix(_BY_NAME)
    path = known.get(stem, Path(name))
    if not path.is_file():
        raise ValueError(
            f"'{name}' is neither a label map nor one of the class lists {', '.join(known)}"
        )
    names = [line.strip() for line in path.read_text(encoding='utf-8').splitlines()]
    names = [line for line in names if line]
    if stem in known and name != stem:
        names.sort()
    doubles = sorted({line for line in names if names.count(line) > 1})
    if doubles:
        raise ValueError(f'{path} names a class twice: {", ".join(doubles)}')
    return names


def flip_label_map(names: Sequence[str]) -> dict[int, int]:
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
