"""What a trained network sees in a video file."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

import torch
from mmaction.apis import init_recognizer
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.runner import load_checkpoint
from torch import nn

from ..checkpoints import SCHEME, check_checkpoint, load_from_motionsqueeze, read
from ..utils.configs import config_path


def load_recognizer(
    config: str | PathLike | Config,
    checkpoint: str | PathLike | None = None,
    device: str | torch.device | None = None,
) -> nn.Module:
    """Build the recogniser of a config and load a checkpoint, all of whose keys must fit.

    Args:
        config: Path of a config, its name as ``msnet_mmaction::msnet_r50_sthv1.py``, or a config,
            which is left as it is.
        checkpoint: Path or URL; None leaves the network as its training starts.
        device: A GPU if there is one, by default.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the config has no model; ``CheckpointError`` if the file is no checkpoint, or
            not one of this model.
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
    with _quiet():
        if source.startswith(SCHEME):
            state_dict = load_from_motionsqueeze(source, 'cpu')['state_dict']
        else:
            state_dict, _ = read(source, 'cpu')
        # MMEngine loads what fits and warns about the rest.
        check_checkpoint(state_dict, model, source)
        load_checkpoint(model, source, map_location='cpu')
    return model


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
    """MMEngine tells of every parameter that it initialises."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel('WARNING')
    try:
        yield
    finally:
        logger.setLevel(level)
