"""Train and test a small MSNet on generated videos and draw its motion, on a laptop's CPU.

One folder gets all results: the checkpoint, the log, ``accuracy.json`` and two pictures of the
motion that the trained network estimates, in a generated clip and in a real one. ``--compare`` also
trains the same network without the MS module.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ...apis import VideoMotion, load_recognizer, motion_of_video
from ...structures import MotionField
from ...utils.configs import config_path
from ...visualization import motion_figure
from ..motion_quality import endpoint_error, tvl1_flow
from .footage import real_clip
from .motion_data import generate, true_field

USER_ERRORS = (ValueError, ImportError, OSError, subprocess.CalledProcessError)

#: Frames of the real clip, in which a man in a car leans to the side and moves his head.
REAL_FRAMES = (15, 45, 75, 105)


def write_config(name: str, data: Path, work_dir: Path) -> str:
    """Write a config of the demo with the folder of its data, which may have spaces in its name."""
    lines = [f'_base_ = {config_path(f"msnet_mmaction::demo/{name}.py")!r}']
    lines += [
        f'{split}_dataloader = dict(dataset=dict(data_root={str(data)!r}))'
        for split in ('train', 'val', 'test')
    ]
    path = work_dir / 'configs' / f'{name}.py'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n'.join(lines) + '\n')
    return str(path)


def train_and_test(config: str, work_dir: Path, resume: bool, options: list[str]) -> dict:
    """Train and test in processes of their own.

    Returns:
        Path and top-1 accuracy of the best checkpoint.
    """
    shared = ['--work-dir', str(work_dir)]
    options = ['--cfg-options', *options] if options else []
    resuming = ['--resume'] if resume else []
    call('train', config, *shared, *resuming, *options)
    checkpoint = work_dir / 'best.pth'
    call('test', config, str(checkpoint), *shared, *options)
    logs = sorted(work_dir.glob('*/*.json'), key=lambda path: path.stat().st_mtime)
    metrics = json.loads(logs[-1].read_text().splitlines()[-1])
    return {'checkpoint': str(checkpoint), 'top1': metrics['acc/top1']}


def draw(config: str, checkpoint: str, data: Path, work_dir: Path) -> None:
    """Write the pictures of a generated clip of the validation split and of a real one."""
    model = load_recognizer(config, checkpoint, device='cpu')
    classes = (data / 'label_map.txt').read_text().split()

    clip, motion, truth = typical_clip(model, data)
    with np.load(clip.with_suffix('.npz')) as facts:
        label = int(facts['label'])
    name, score = classes[motion.label], f'{motion.score:.0%}'
    motion_figure(
        motion.frames,
        {'Estimated\ndisplacement': first_field(motion), 'True\ndisplacement': truth},
        frame_names=[str(n) for n in motion.frame_indices],
        title=f"Generated clip of the class '{classes[label]}', recognised as '{name}' ({score})",
    ).savefig(work_dir / 'motion_generated.png', dpi=95)

    motion = motion_of_video(
        model, real_clip('carphone_pristine'), frame_indices=REAL_FRAMES, original_size=True
    )
    motion_figure(
        motion.frames,
        {
            'Estimated\ndisplacement': first_field(motion),
            'TV-L1,\nfor comparison': MotionField(torch.from_numpy(tvl1_flow(motion.frames))),
        },
        frame_names=[str(n) for n in motion.frame_indices],
        title='Real clip, by the same network: it has seen generated motion only',
    ).savefig(work_dir / 'motion_real.png', dpi=95)


def typical_clip(
    model: nn.Module, data: Path, count: int = 25
) -> tuple[Path, VideoMotion, MotionField]:
    """The clip of median error among the first clips of the validation split.

    Returns:
        Path, estimated motion, and the true field of each pixel.
    """
    found = []
    for line in (data / 'val.txt').read_text().splitlines()[:count]:
        clip = data / line.split()[0]
        motion = motion_of_video(model, clip, original_size=True)
        truth = true_field(clip, motion.frame_indices, *motion.displacement.shape[2:])
        in_pixels = truth.in_pixels(*motion.frames.shape[1:3]).numpy()
        found.append((endpoint_error(motion.displacement, in_pixels).mean(), clip, motion))
    found.sort(key=lambda entry: entry[0])
    _, clip, motion = found[len(found) // 2]
    return clip, motion, true_field(clip, motion.frame_indices, *motion.frames.shape[1:3])


def first_field(motion: VideoMotion) -> MotionField:
    """The field of the network's first layer."""
    return next(iter(motion.fields.values()))


def call(command: str, *arguments: str) -> None:
    """Run a command in a process of its own; stop if it fails."""
    subprocess.run([sys.executable, '-m', 'msnet_mmaction', command, *arguments], check=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('--data', default='data/motion', help='folder of the generated videos')
    parser.add_argument('--work-dir', default='work_dirs/demo', help='folder of all results')
    parser.add_argument('--clips', type=int, default=1200, help='number of training clips')
    parser.add_argument('--val-clips', type=int, default=240, help='number of validation clips')
    parser.add_argument('--resume', action='store_true', help='go on from the last checkpoint')
    parser.add_argument('--compare', action='store_true', help='also train without the MS module')
    parser.add_argument(
        '--cfg-options', nargs='+', default=[], help='key=value pairs for the config, as train.py'
    )


def run(args: argparse.Namespace) -> None:
    """Generate the data, train, test and draw."""
    work_dir = Path(args.work_dir)
    data = generate(args.data, num_train=args.clips, num_val=args.val_clips)

    config = write_config('msnet_r18_motion', data, work_dir)
    results = {'MSNet-R18': train_and_test(config, work_dir, args.resume, args.cfg_options)}
    if args.compare:
        results['the same without the MS module (and without shift)'] = train_and_test(
            write_config('resnet18_motion', data, work_dir),
            work_dir / 'without_motion',
            args.resume,
            args.cfg_options,
        )
    (work_dir / 'accuracy.json').write_text(json.dumps(results, indent=2) + '\n')

    checkpoint = results['MSNet-R18']['checkpoint']
    draw(config, checkpoint, data, work_dir)

    print(f'\nIn {work_dir}:')
    for path in (Path(checkpoint), work_dir / 'accuracy.json', *sorted(work_dir.glob('*.png'))):
        print(f'  {path.name}')
    for name, result in results.items():
        print(
            f'{name}: top-1 {result["top1"]:.1%} on {args.val_clips} clips of '
            f'unseen textures (chance 12.5%)'
        )
