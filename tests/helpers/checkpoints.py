"""Checkpoints of the same keys and shapes as published ones, each tensor of another number."""

import json
from pathlib import Path

import torch
from torch import Tensor

STATE = ('weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked')
OFFICIAL = json.loads(
    (Path(__file__).parents[1] / 'data' / 'official_keys.json').read_text(encoding='utf-8')
)


def filled(shapes: dict[str, list[int]]) -> dict[str, Tensor]:
    """A tensor for each key, filled with the key's number in the file."""
    return {key: torch.full(shape, float(i)) for i, (key, shape) in enumerate(shapes.items())}


def official(name: str = 'msnet_r18') -> dict[str, Tensor]:
    """State dict of the authors' network: 'msnet_r18' or 'msnet_r50'."""
    return filled(OFFICIAL[name])


def torchvision_resnet18() -> dict[str, Tensor]:
    """State dict of torchvision's ResNet-18, written down from its structure."""
    shapes: dict[str, list[int]] = {'conv1.weight': [64, 3, 7, 7]}

    def norm(name: str, width: int) -> None:
        for state in STATE:
            shapes[f'{name}.{state}'] = [] if state == 'num_batches_tracked' else [width]

    norm('bn1', 64)
    before = 64
    for stage, width in enumerate((64, 128, 256, 512), start=1):
        for block in ('0', '1'):
            name = f'layer{stage}.{block}'
            shapes[f'{name}.conv1.weight'] = [width, before, 3, 3]
            norm(f'{name}.bn1', width)
            shapes[f'{name}.conv2.weight'] = [width, width, 3, 3]
            norm(f'{name}.bn2', width)
            if stage > 1 and block == '0':
                shapes[f'{name}.downsample.0.weight'] = [width, before, 1, 1]
                norm(f'{name}.downsample.1', width)
            before = width
    shapes |= {'fc.weight': [1000, 512], 'fc.bias': [1000]}
    return filled(shapes)
