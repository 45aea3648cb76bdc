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


#: "left" or "right" as a word of its own, in names such as "turn left", "TurnLeft", "turn_left".
_DIRECTION = re.compile(
    r'(?<![^\W_])(?:left|right)(?![^\W_])'
    r'|(?<![^\W_])(?:LEFT|RIGHT)(?![^\W_])'
    r'|(?<![A-Z])(?:Left|Right)(?![^\W_A-Z])'
)
_OTHER = {
    one: other
    for pair in (('left', 'right'), ('Left', 'Right'), ('LEFT', 'RIGHT'))
    for one, other in (pair, pair[::-1])
}


def flip_label_map(names: Sequence[str]) -> dict[int, int]:
    """Labels that change when a video is flipped left to right, both ways.

    They are found by name: two classes that differ by the words "left" and "right" swapped.

    Args:
        names: Class names in the order of their labels.

    Returns:
        Label to the label of the mirrored video.
    """
    labels = {name: label for label, name in enumerate(names)}
    mirrored = {}
    for name, label in labels.items():
        swapped = _swap_directions(name)
        if swapped != name and swapped in labels:
            mirrored[label] = labels[swapped]
    return mirrored


def lone_directions(names: Sequence[str]) -> list[str]:
    """Classes that name a direction and whose mirror image is no class.

    A mirrored video of one belongs to no class.

    Args:
        names: Class names.
    """
    swapped = {name: _swap_directions(name) for name in names}
    return [name for name, other in swapped.items() if other != name and other not in swapped]


def _swap_directions(name: str) -> str:
    return _DIRECTION.sub(lambda word: _OTHER[word.group()], name)
