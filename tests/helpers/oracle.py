"""The inputs and weights behind ``tests/data/official_r18.npz``, drawn by NumPy's legacy generator.

The draws, their order and their parameters are fixed by the file: they may not change.
"""

import json
import zlib
from pathlib import Path

import numpy as np
import torch

DATA = Path(__file__).parents[1] / 'data'


def seeded_weight(key: str, shape: tuple[int, ...], salt: str) -> torch.Tensor:
    """One entry of an official state dict; ``key`` is without ``module.``."""
    random = np.random.RandomState(zlib.crc32((salt + key).encode()) & 0x7FFFFFFF)
    is_vector = len(shape) == 1
    if key.endswith('num_batches_tracked'):
        return torch.zeros(shape, dtype=torch.int64)
    if 'running_var' in key:
        value = random.uniform(0.5, 1.5, shape)
    elif 'running_mean' in key or (is_vector and not key.endswith('weight')):
        value = random.normal(0, 0.1, shape)
    elif is_vector:
        value = random.uniform(0.6, 1.2, shape)
    else:
        value = random.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
    return torch.from_numpy(np.asarray(value, np.float32))


def seeded_clip(seed: int, batch: int, frames: int, size: int = 224) -> torch.Tensor:
    """Textures that move a few pixels a frame: (batch, frames, 3, size, size), normalised."""
    random = np.random.RandomState(seed)
    side = size + 16 * frames
    origin = 8 * frames
    clip = np.empty((batch, frames, 3, size, size), np.float32)
    for sample in clip:
        cells = random.normal(0, 1, (3, side // 8 + 2, side // 8 + 2))
        texture = np.kron(cells, np.ones((8, 8)))[:, : side + 8, : side + 8]
        velocity_x, velocity_y = random.randint(-8, 9, 2)
        for t in range(frames):
            x = np.clip(origin + velocity_x * t, 0, side - size)
            y = np.clip(origin + velocity_y * t, 0, side - size)
            sample[t] = texture[:, y : y + size, x : x + size]
    return torch.from_numpy(clip + 0.05 * random.normal(0, 1, clip.shape).astype(np.float32))


def seeded_labels(seed: int, batch: int, num_classes: int = 174) -> torch.Tensor:
    return torch.from_numpy(np.random.RandomState(seed + 1).randint(0, num_classes, batch))


def official_state_dict(
    salt: str, network: str = 'msnet_r18', motion: bool = True, num_classes: int = 174
) -> dict:
    """An official checkpoint's ``state_dict``, with DataParallel's ``module.``."""
    shapes = json.loads((DATA / 'official_keys.json').read_text())[network]
    if not motion:
        shapes = {
            key: shape
            for key, shape in shapes.items()
            if 'flow_refinement' not in key and 'chnl_reduction' not in key
        }
    for key, shape in shapes.items():
        if 'new_fc' in key:
            shapes[key] = [num_classes, *shape[1:]]
    return {
        key: seeded_weight(key.removeprefix('module.'), tuple(shape), salt)
        for key, shape in shapes.items()
    }
