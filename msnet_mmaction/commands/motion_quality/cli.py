"""Measure the error of the motion that a network estimates, before and after its training.

python -m msnet_mmaction motion-quality --config CONFIG --checkpoint CHECKPOINT --data data/motion \
    --footage VIDEO... --out FOLDER

The reference is the true field of generated clips, and TV-L1 on footage. Tables are printed; the
folder gets ``generated.png``, ``footage.png``, ``footage_moving.png`` and ``quality.json``.
"""

import argparse
import json
from pathlib import Path

import torch

from ...apis import load_recognizer
from ...datasets import VideoFrames
from ...models.layers import motion_layers
from ...utils.configs import config_path
from ...utils.files import atomic_write
from . import Quality, quality_figure, quality_on_footage, quality_on_generated, quality_table

USER_ERRORS = (ValueError, OSError, ImportError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('--config', type=config_path, required=True)
    parser.add_argument('--checkpoint', required=True)
    parser.add_argument('--data', type=Path, help='folder of generated clips')
    parser.add_argument('--clips', type=int, default=80, help='the most generated clips')
    parser.add_argument('--footage', nargs='*', type=Path, default=[], help='video files')
    parser.add_argument('--gap', type=int, default=4, help='frames of footage from one to the next')
    parser.add_argument('--footage-clips', type=int, default=8, help='the most of each video')
    parser.add_argument('--layer', help='its name, if there are several')
    parser.add_argument('--seed', type=int, default=0, help='of the untrained network')
    parser.add_argument('--out', type=Path, required=True, help='folder of the results')
    parser.add_argument('--device', help='default: a GPU if there is one')


def progress(done: int, of: int) -> None:
    """Print how many clips are done."""
    print(f'\rclip {done} of {of}', end='\n' if done == of else '', flush=True)


def write(quality: Quality, name: str, title: str, out: Path) -> dict:
    """Write the plots of one reference, print its table, and return the numbers."""
    with atomic_write(out / f'{name}.png') as part:
        quality_figure(quality, title).savefig(part, dpi=100)
    print(f'\n{title}\n{quality.valid_share:.0%} of the positions of {quality.clips} clips count\n')
    print(quality_table(quality))
    return {n: errors.summary(quality.pixels_per_position) for n, errors in quality.errors.items()}


def run(args: argparse.Namespace) -> None:
    """Measure on generated clips, footage, or both."""
    if not args.data and not args.footage:
        raise ValueError('there is nothing to measure on: give --data, --footage, or both')
    if min(args.clips, args.gap, args.footage_clips) < 1:
        raise ValueError('--clips, --gap and --footage-clips must be positive')
    for video in args.footage:
        VideoFrames(video)
    torch.manual_seed(args.seed)
    models = {
        'trained': load_recognizer(args.config, args.checkpoint, args.device),
        'untrained': load_recognizer(args.config, None, args.device),
    }
    layers = motion_layers(models['trained'], args.layer and [args.layer])
    if len(layers) > 1:
        raise ValueError(f'say which --layer to measure: {", ".join(layers)}')
    args.out.mkdir(parents=True, exist_ok=True)
    results = {}
    if args.data:
        quality = quality_on_generated(models, args.data, args.clips, args.layer, progress)
        results['generated'] = write(
            quality, 'generated', 'Error against the true motion of generated clips', args.out
        )
    if args.footage:
        quality = quality_on_footage(
            models, args.footage, args.gap, args.footage_clips, args.layer, progress
        )
        title = 'Difference from TV-L1 on real footage'
        results['footage'] = write(quality, 'footage', title, args.out)
        moving = quality.moving(1)
        if moving.valid_share:
            title += ', where it moves by 1 px or more'
            results['footage_moving'] = write(moving, 'footage_moving', title, args.out)
    with atomic_write(args.out / 'quality.json') as part:
        part.write_text(json.dumps(results, indent=2) + '\n')
