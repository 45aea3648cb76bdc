"""What a report needs to know of a config: where its results go, and what a clip of it is."""

import functools
from pathlib import Path

from mmaction.models import Recognizer3D
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

from ...utils.configs import resource_root
from ..benchmark.clips import clip_shape

#: What paths of configs and tools start from: the repository, or ``.mim`` of an installed wheel.
ROOT = resource_root()


def results_folder() -> Path:
    """What holds ``work_dirs``: the repository, or the current folder where there is none."""
    return Path.cwd() if in_wheel() else ROOT


def in_wheel() -> bool:
    """Whether this is an installed wheel, without a repository."""
    return ROOT.name == '.mim'


def load_config(config: str, root: Path = ROOT) -> Config:
    """Read a config of the package, once: it is not to be changed.

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
    """The folder of a config's results, below ``work_dirs`` as the config is below ``configs``.

    For configs that lie there directly this is MMAction2's default; ``add.py`` of one table and
    ``add.py`` of another would share that.

    Args:
        config: Path of the config in the repository.
        split: Number of the data set's split. From the second one on it ends the folder's name.
    """
    folder = Path('work_dirs', *Path(config).with_suffix('').parts[1:]).as_posix()
    return folder if split in (None, 1) else f'{folder}_split{split}'


def pipeline_shape(cfg: Config, model: nn.Module, size: int = 224) -> tuple[int, ...]:
    """Shape of one clip, as the validation pipeline makes it and the recogniser takes it.

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
