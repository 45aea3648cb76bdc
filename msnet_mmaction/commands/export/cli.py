"""Write a trained recogniser as one file that runs without this package: frames in, scores out.

python -m msnet_mmaction export CONFIG CHECKPOINT OUT [--format onnx|torch-export]

Frames are RGB, (N, T, H, W, 3) of N clips, any N. The file gets its name once its scores have been
compared with those of PyTorch.
"""

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...apis import load_recognizer
from ...datasets import ClipReader, VideoFrames
from ...models.inference import optimize_for_inference
from ...utils.configs import config_path
from ...utils.files import atomic_write
from .check import ExportError, check_scores, generated_clips
from .clip_scores import ClipScores
from .formats import FORMATS
from .inputs import frames_shape

USER_ERRORS = (ValueError, OSError, ImportError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('config', type=config_path)
    parser.add_argument('checkpoint', help='a file or a URL')
    parser.add_argument('out', type=Path, help='the file to write: .onnx, or .pt2 of torch-export')
    parser.add_argument('--format', choices=FORMATS, default='onnx', help='default: onnx')
    parser.add_argument(
        '--frames',
        choices=('uint8', 'normalized'),
        default='uint8',
        help='what the file takes: bytes, which it normalises (default), or float32 frames that '
        'have been normalised as the data preprocessor of the config does',
    )
    parser.add_argument(
        '--optimize', action='store_true', help='fuse convolutions and batch norms first'
    )
    parser.add_argument(
        '--size',
        nargs=2,
        type=int,
        metavar=('H', 'W'),
        help='of a frame; default: what the test pipeline of the config ends with',
    )
    parser.add_argument(
        '--videos', nargs='+', default=[], help='videos to compare on, besides generated clips'
    )


def run(args: argparse.Namespace) -> None:
    """Export the network, and keep the file if its scores equal PyTorch's.

    Raises:
        ValueError: If an argument or the checkpoint doesn't fit; ``ExportError`` if the network
            can't be exported.
        ImportError: If a package is missing.
    """
    form = FORMATS[args.format]
    form.check_packages()
    if args.out.suffix != form.suffix:
        raise ValueError(f'{args.out}: a file of --format {args.format} ends in {form.suffix}')
    if not args.out.parent.is_dir():
        raise FileNotFoundError(f'{args.out.parent}: no such folder')
    if args.size and min(args.size) < 1:
        raise ValueError('--size must be positive')
    model = load_recognizer(args.config, args.checkpoint, 'cpu')
    pipeline = model.cfg.test_dataloader.dataset.pipeline
    shape = frames_shape(model, pipeline, args.size)
    clips = generated_clips(shape)
    for video in args.videos:
        clips[video] = _clip_of(video, pipeline, shape)

    normalize = args.frames == 'uint8'
    network = ClipScores(optimize_for_inference(model) if args.optimize else model, normalize)
    example = torch.zeros(2, *shape, dtype=torch.uint8 if normalize else torch.float32)
    print(f'exporting to {args.format}, which may take minutes ...', flush=True)
    with atomic_write(args.out) as part:
        try:
            form.write(network.eval(), example, part)
        except (RuntimeError, NotImplementedError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ExportError(f'{args.config} cannot be exported to {args.format}: {reason}') from (
                error
            )
        difference = check_scores(form.load(part), model, clips, normalize)
    _report(args, network, shape, difference, sum(map(len, clips.values())))


def _clip_of(video: str, pipeline: list, shape: tuple[int, int, int, int]) -> Tensor:
    """The clip of the test pipeline of a video, (1, T, H, W, C)."""
    reader, frames = ClipReader(pipeline, shape[0]), VideoFrames(video)
    clip = torch.from_numpy(reader.read(frames, reader.sample(frames)).frames)[None]
    if clip.shape[1:] != shape:
        raise ValueError(
            f'{video}: the test pipeline makes frames of {tuple(clip.shape[1:])}, and the exported '
            f'network takes {shape}: leave --videos or --size out'
        )
    return clip.to(torch.uint8)


def _report(
    args: argparse.Namespace,
    network: ClipScores,
    shape: tuple[int, ...],
    difference: float,
    clips: int,
) -> None:
    sizes = ', '.join(map(str, shape))
    kind = 'probabilities' if network.probabilities else 'scores before a softmax'
    dtype = 'uint8' if network.normalize else 'float32, normalised'
    print(f'input:   frames (N, {sizes}), {dtype}')
    print(f'output:  scores (N, {_classes(network.model)}), {kind}')
    print(f'checked: {clips} clips, largest difference from PyTorch {difference:.1e}')
    print(f'written: {args.out} ({args.out.stat().st_size / 2**20:.1f} MiB)')


def _classes(model: Any) -> int:
    return model.cls_head.num_classes
