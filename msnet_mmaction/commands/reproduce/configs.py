"""Folders of results and shapes of clips of configs."""

import functools
from pathlib import Path

from mmaction.models import Recognizer3D
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

from ...utils.configs import resource_root
from ..benchmark.clips import clip_shape

#: Folder of ``configs`` and ``tools``: the repository, or ``.mim`` of an installed wheel.
ROOT = resource_root()


def results_folder() -> Path:
    """Folder of ``work_dirs``: the repository, or the current folder if there is none."""
    return Path.cwd() if in_wheel() else ROOT


def in_wheel() -> bool:
    """Whether this is an installed wheel, without a repository."""
    return ROOT.name == '.mim'


def load_config(config: str, root: Path = ROOT) -> Config:
    """Read a config of the package. It is cached: do not change it.

    Raises:
        FileNotFoundError: If it is not there.
    """
    return _read(root / config)


@functools.cache
def _read(path: Path) -> Config:
    if not path.is_file():
        raise FileNotFoundError(f'{path}: no such config')
    cfg = Config.fromfile(path)
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    return cfg


def work_dir(config: str, split: int | None = None) -> str:
    """Folder of a config's results: its path below ``configs``, below ``work_dirs``.

    MMAction2's default is the name of the config alone, which several tables have in common, such
    as ``add.py``.

    Args:
        config: Path of the config in the repository.
        split: Number of the split. The name of the folder ends with it, except of split 1.
    """
    folder = Path('work_dirs', *Path(config).with_suffix('').parts[1:]).as_posix()
    return folder if split in (None, 1) else f'{folder}_split{split}'


def pipeline_shape(cfg: Config, model: nn.Module, size: int = 224) -> tuple[int, ...]:
    """Shape of one clip of the validation pipeline, as the recogniser takes it.

    Args:
        cfg: A whole config.
        model: The recogniser built from it.
        size: Height and width of a frame.

    Returns:
        As :func:`msnet_mmaction.commands.benchmark.clips.clip_shape`.
    """
    dataset = cfg.val_dataloader.dataset
    sampler = next(t for t in dataset.pipeline if 'Sample' in t.type)
    clip_len, num_clips = sampler.get('clip_len', 1), sampler.get('num_clips', 1)
    # A clip of a 3D network holds all frames; a stack of flows is one input of a 2D network.
    stacks = dataset.get('modality') == 'Flow' and not isinstance(model, Recognizer3D)
    return clip_shape(model, size, num_clips * (1 if stacks else clip_len))
