"""The networks of the page, loaded and checked before it opens."""

from pathlib import Path
from typing import NamedTuple

from mmengine.model import BaseModel

from ...apis import class_names, load_recognizer
from ...datasets import load_classes


class Network(NamedTuple):
    """A recogniser and what its classes are called.

    Attributes:
        name: Of the network on the page.
        model: In evaluation mode.
        class_names: One a class.
    """

    name: str
    model: BaseModel
    class_names: list[str]


def open_network(
    config: str, checkpoint: str, label_map: str | None = None, device: str | None = None
) -> Network:
    """Load a network.

    Args:
        config: Path of a config, or its name as ``msnet_mmaction::msnet_r50_sthv1.py``.
        checkpoint: Path or URL.
        label_map: As in :func:`.load_classes`; by default the :func:`.class_names` of the network,
            or else the numbers of the classes.
        device: A GPU if there is one, by default.

    Raises:
        ValueError: If the checkpoint is not one of the network, or the names are not those of as
            many classes.
        FileNotFoundError: If there is no such file.
    """
    model = load_recognizer(config, checkpoint, device)
    count = model.cls_head.num_classes
    if label_map is None:
        names = class_names(model) or [f'class {label}' for label in range(count)]
    else:
        names = load_classes(label_map)
    if len(names) != count:
        raise ValueError(
            f'{label_map} names {len(names)} classes, and the network of {config} has {count}'
        )
    return Network(f'{Path(config).stem}, {Path(checkpoint).name}', model, names)
