"""Renaming of the keys of checkpoints. An unknown key is an error."""

import re
from collections import Counter
from collections.abc import Iterable

from torch import Tensor

from .layouts import LAYOUTS

_FIRST_CONV = 'backbone.conv1.conv.weight'


def recognize(keys: Iterable[str], source: str = 'checkpoint') -> str:
    """Name the layout of keys.

    Args:
        keys: Keys of a state dict.
        source: Name of the file, for the message.

    Returns:
        A name of :data:`msnet_mmaction.checkpoints.LAYOUTS`.

    Raises:
        ValueError: If the layout is unknown.
    """
    keys = list(keys)
    for name, layout in LAYOUTS.items():
        if any(re.fullmatch(layout.mark, key) for key in keys):
            return name
    raise ValueError(f'{source}: keys of none of the layouts {", ".join(LAYOUTS)}: {_list(keys)}')


def rename(keys: Iterable[str], layout: str, source: str = 'checkpoint') -> dict[str, str | None]:
    """Map keys of a layout to those of this package.

    Args:
        keys: Keys of a state dict.
        layout: Name of their layout.
        source: Name of the file, for the message.

    Returns:
        New name of each key; None for a key that has no use.

    Raises:
        ValueError: If a key is not of this layout, or two keys have the same new name.
    """
    if layout not in LAYOUTS:
        raise ValueError(f'no layout {layout!r}: there are {", ".join(LAYOUTS)}')
    names, unknown = {}, []
    for key in keys:
        try:
            names[key] = _rename(key, layout)
        except KeyError:
            unknown.append(key)
    if unknown:
        raise ValueError(f'{source}: keys that the layout {layout} does not know: {_list(unknown)}')
    counts = Counter(name for name in names.values() if name is not None)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise ValueError(f'{source}: more than one key for each of: {_list(twice)}')
    return names


def convert(
    state_dict: dict[str, Tensor],
    layout: str | None = None,
    classifier: str = 'keep',
    source: str = 'checkpoint',
    in_channels: int | None = None,
) -> dict[str, Tensor]:
    """Rename the keys of a state dict to those of this package.

    Args:
        state_dict: Weights by their keys in the layout.
        layout: Name of the layout; None detects it by the keys.
        classifier: 'keep', or 'drop' to leave the classification head out, for another number of
            classes. The classifier of an ImageNet network is never kept.
        source: Name of the file, for errors.
        in_channels: Number of channels of an input that is not RGB, such as 2 * L for stacks of L
            optical flows. Each channel gets the weights of the first convolution, averaged over R,
            G and B, as in TSN and TSM. None keeps the weights.

    Returns:
        Weights by their keys in this package.

    Raises:
        ValueError: If a key is unknown, or ``in_channels`` is given without a first convolution.
    """
    if classifier not in ('keep', 'drop'):
        raise ValueError(f"classifier is 'keep' or 'drop', got {classifier!r}")
    layout = layout or recognize(state_dict, source)
    converted = {}
    for key, name in rename(state_dict, layout, source).items():
        if name is None or (classifier == 'drop' and name.startswith('cls_head.')):
            continue
        value = state_dict[key]
        if name == 'cls_head.fc_cls.weight' and value.ndim == 3:
            # The authors' classifier is a Conv1d with a kernel of 1.
            value = value.squeeze(-1)
        converted[name] = value
    if in_channels is not None:
        if _FIRST_CONV not in converted:
            raise ValueError(f'{source}: in_channels needs {_FIRST_CONV}, which it lacks')
        mean = converted[_FIRST_CONV].mean(1, keepdim=True)
        converted[_FIRST_CONV] = mean.repeat(1, in_channels, 1, 1)
    return converted


def _rename(key: str, layout: str) -> str | None:
    for pattern, replacement in LAYOUTS[layout].rules.items():
        match = re.fullmatch(pattern, key)
        if match:
            return match.expand(replacement)
    if any(re.fullmatch(pattern, key) for pattern in LAYOUTS[layout].dead):
        return None
    raise KeyError(key)


def _list(keys: list[str], limit: int = 10) -> str:
    return ', '.join(keys[:limit]) + (', …' if len(keys) > limit else '') + f' ({len(keys)} in all)'
