"""Loading a trained recogniser."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path

import torch
from mmaction.apis import init_recognizer
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.model import BaseModel
from mmengine.runner import load_checkpoint

from ..checkpoints import SCHEME, check_checkpoint, load_from_motionsqueeze, read
from ..datasets import load_classes
from ..datasets.labels.label_maps import LABEL_MAP_NAMES
from ..utils.configs import config_path


def load_recognizer(
    config: str | PathLike | Config,
    checkpoint: str | PathLike | None = None,
    device: str | torch.device | None = None,
) -> BaseModel:
    """Build the recogniser of a config and load a checkpoint. All keys must fit.

    Args:
        config: Path of a config, its name such as ``msnet_mmaction::msnet_r50_sthv1.py``, or a
            ``Config``, which is not changed.
        checkpoint: Path or URL; None gives the network at the start of its training.
        device: Device of the network; by default a GPU if there is one.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the config has no model; ``CheckpointError`` if the file is not a checkpoint
            or does not fit the model.
        TypeError: If ``config`` is neither a path nor a config.
    """
    cfg = _config(config)
    if device is None:
        device = 'cuda' if torch.cuda.is_available() else 'cpu'
    model = init_recognizer(cfg, device=device)
    if checkpoint is None:
        with _quiet():
            model.init_weights()
        return model
    source = str(checkpoint)
    meta: dict = {}
    with _quiet():
        if source.startswith(SCHEME):
            state_dict = load_from_motionsqueeze(source, 'cpu')['state_dict']
        else:
            state_dict, meta = read(source, 'cpu')
        # MMEngine would only warn about keys that do not fit.
        check_checkpoint(state_dict, model, source)
        load_checkpoint(model, source, map_location='cpu')
    model.dataset_meta = meta.get('dataset_meta')
    return model


def class_names(model: BaseModel) -> list[str] | None:
    """The names of a recogniser's classes, in the order of their labels.

    They are taken from its checkpoint, from the data set of its config, or from a label map beside
    the list, in this order.

    Args:
        model: A recogniser of :func:`load_recognizer` or of mmaction2's ``init_recognizer``.

    Returns:
        The names; None if none of these has as many names as the head has classes.
    """
    count = getattr(getattr(model, 'cls_head', None), 'num_classes', None)
    for names in _known_names(model):
        if count is None or len(names) == count:
            return names
    return None


def _known_names(model: BaseModel) -> Iterator[list[str]]:
    meta = getattr(model, 'dataset_meta', None) or {}
    if meta.get('classes'):
        yield list(meta['classes'])
    dataset = model.cfg.get('test_dataloader', {}).get('dataset', {})
    beside = Path(dataset.get('data_root') or '', dataset.get('ann_file') or '').parent
    sources = [dataset.get('classes'), *(str(beside / name) for name in LABEL_MAP_NAMES)]
    for source in filter(None, sources):
        with suppress(ValueError):  # a label map that is not on this machine
            yield load_classes(source)


def _config(config: str | PathLike | Config) -> Config:
    if isinstance(config, Config):
        cfg = copy.deepcopy(config)
    elif not isinstance(config, str | PathLike):
        raise TypeError(
            'load_recognizer takes the path of a config, or a Config, not a '
            f'{type(config).__name__}: Config(...) makes one of a dict'
        )
    else:
        path = config_path(str(config))
        if not Path(path).is_file():
            raise FileNotFoundError(f'{path}: no such config')
        cfg = Config.fromfile(path)
    if 'model' not in cfg:
        raise ValueError(
            f'{cfg.filename or "the config"} has no model: it is no config of a network'
        )
    return cfg


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence MMEngine's messages about each parameter that it initialises."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel('WARNING')
    try:
        yield
    finally:
        logger.setLevel(level)
