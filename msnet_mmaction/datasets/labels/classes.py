"""Class names in the order of their labels, and classes that differ by left and right."""

import re
from collections.abc import Sequence
from pathlib import Path

_FOLDER = Path(__file__).parent / 'class_names'
_BY_NAME = '-by-name'


def load_classes(name: str) -> list[str]:
    """Class names in the order of their labels.

    Args:
        name: Name of a list of this package, or path of a label map with one class a line. With
            ``-by-name`` at the end, a list of this package is sorted by name.

            - ``sthv1``: the order of the published CSV file of Something-Something V1 and of
              mmaction2's lists. ``sthv1-by-name``: the order of the lists that the scripts of TSM
              and MotionSqueeze write. Take the order of your lists.
            - ``sthv2``: the published order, which is by name. The names are those of V1.
            - ``k400``, ``hmdb51``: by name.

    Raises:
        ValueError: If there is no such list or file, or it has a name twice.
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


#: The words "left" and "right" in names such as "turn left", "TurnLeft", "turn_left".
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


#: "clockwise" and its opposite; each is replaced by a mark, as the opposite has many spellings.
_COUNTERCLOCKWISE = re.compile(r'(?:counter|anti)[\W_]?clockwise', re.IGNORECASE)
_CLOCKWISE = re.compile(r'clockwise', re.IGNORECASE)


def flip_label_map(names: Sequence[str]) -> dict[int, int]:
    """Labels that change when a video is flipped horizontally.

    Two classes are a pair if swapping the words "left" and "right", and "clockwise" and
    "counterclockwise", turns one name into the other.

    Args:
        names: Class names in the order of their labels.

    Returns:
        Label of the mirrored video, by the label of the video, in both directions. It is the
        ``flip_label_map`` of mmaction2's ``Flip``.
    """
    labels = {_marked(name): label for label, name in enumerate(names)}
    mirrored = {}
    for name, label in labels.items():
        swapped = _swap_directions(name)
        if swapped != name and swapped in labels:
            mirrored[label] = labels[swapped]
    return mirrored


def lone_directions(names: Sequence[str]) -> list[str]:
    """Classes that name a direction without a class of the other direction.

    A mirrored video of such a class belongs to no class.

    Args:
        names: Class names.
    """
    marked = {_marked(name): name for name in names}
    swapped = {name: _swap_directions(name) for name in marked}
    return [marked[name] for name, other in swapped.items() if other not in marked]


def _marked(name: str) -> str:
    return _CLOCKWISE.sub('\0+', _COUNTERCLOCKWISE.sub('\0-', name))


def _swap_directions(marked: str) -> str:
    swapped = _DIRECTION.sub(lambda word: _OTHER[word.group()], marked)
    return re.sub('\0[+-]', lambda mark: '\0-' if mark.group() == '\0+' else '\0+', swapped)
