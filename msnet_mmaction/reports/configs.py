"""What a report needs to know of a config: where its results go, and what a clip of it is."""

import functools
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

#: The repository, which the paths of configs start from.
ROOT = Path(__file__).resolve().parents[2]


@functools.cache
def load_config(config: str, root: Path = ROOT) -> Config:
    """Read a config of the repository, once: it is not to be changed.

    Raises:
        FileNotFoundError: If it is not there; configs come with the repository, not with an
            installed package.
    """
    path = root / config
    if not path.is_file():
        raise FileNotFoundError(f'{path}: no such config; run this from a clone of the repository')
    cfg = Config.fromfile(path)
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    return cfg


def work_dir(config: str) -> str:
    """The folder of a config's results, below ``work_dirs`` as the config is below ``configs``.

    For configs that lie there directly this is MMAction2's default; ``add.py`` of one table and
    ``add.py`` of another would share that.
    """
    return Path('work_dirs', *Path(config).with_suffix('').parts[1:]).as_posix()


def pipeline_shape(cfg: Config, model: nn.Module, size: int = 224) -> tuple[int, ...]:
    """Shape of one clip, as the validation pipeline makes it and the recogniser takes it.

    Args:
        cfg: A whole config.
        model: The recogniser built from it.
        size: Height and width of a frame.

    Returns:
        (T, C, H, W) for a 2D recogniser, (1, C, T, H, W) for a 3D one; C is 3, or twice the number
        of stacked flows.
    """
    convolutions = (m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Conv3d))
    channels = next(convolutions).in_channels
    dataset = cfg.val_dataloader.dataset
    sampler = next(t for t in dataset.pipeline if 'Sample' in t.type)
    layout = next(t for t in dataset.pipeline if t.type == 'FormatShape').input_format
    clip_len, num_clips = sampler.get('clip_len', 1), sampler.get('num_clips', 1)
    if layout == 'NCTHW':
        return 1, channels, clip_len, size, size
    # Of RGB, each frame is an input of its own; of flow, a stack is.
    stacked = dataset.get('modality') == 'Flow'
    return num_clips if stacked else num_clips * clip_len, channels, size, size
