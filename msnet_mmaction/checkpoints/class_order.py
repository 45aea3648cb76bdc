"""Reordering of a classifier for another order of the classes."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ..datasets import load_classes

_CLASSIFIER = 'cls_head.fc_cls.'


def reorder_classes(
    state_dict: Mapping[str, Tensor], old: str, new: str, source: str = 'checkpoint'
) -> dict[str, Tensor]:
    """Reorder the rows of a classifier for another order of the classes.

    Args:
        state_dict: Weights by their keys here.
        old: Class list with which the classifier was trained: see
            :func:`msnet_mmaction.datasets.load_classes`.
        new: Class list of the same names in the new order.
        source: Name of the file, for errors.

    Returns:
        The weights; only those of the classifier differ.

    Raises:
        ValueError: If the lists have different names, or there is no classifier with this number of
            classes.
    """
    old_names, new_names = load_classes(old), load_classes(new)
    if sorted(old_names) != sorted(new_names):
        raise ValueError(f"'{old}' and '{new}' are not the same classes in another order")
    rows = {key: len(value) for key, value in state_dict.items() if key.startswith(_CLASSIFIER)}
    if not rows:
        raise ValueError(f'{source} has no classifier: there is nothing to reorder')
    if set(rows.values()) != {len(old_names)}:
        raise ValueError(
            f"{source}: the classifier has {max(rows.values())} classes, '{old}' has "
            f'{len(old_names)}'
        )
    labels = {name: label for label, name in enumerate(old_names)}
    order = torch.tensor([labels[name] for name in new_names])
    return {key: value[order] if key in rows else value for key, value in state_dict.items()}
