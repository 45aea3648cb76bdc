"""The speed column of Table 2: videos a second at batch 1, measured beside the published ones."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from mmaction.registry import MODELS
from torch import nn

from ...datasets.optical_flow import TVL1
from ...utils.files import atomic_write_bytes
from ..benchmark.machine import check_device, describe_machine
from ..benchmark.timing import Work, interleave, median
from ..demo.textures import draw_texture
from .configs import load_config, pipeline_shape
from .experiments import Experiment, load_paper

#: The data set whose networks are timed.
DATASET = 'k400'

WHAT = """\
Timed is one clip at batch 1, from frames in memory to class scores, with random weights; as in the
paper, loading is left out. Two-stream rows: both networks one after the other, and the TV-L1 flow
of each of the clip's frames, by OpenCV on the CPU ({pairs} flows are timed in each round, and
scaled); the paper computed it on its GPU. The further flows of a stack are left out."""


@dataclass(frozen=True)
class Result:
    """The speed of one row.

    Attributes:
        row: Row of Table 2.
        milliseconds: Median time of a video over the rounds.
        flow_milliseconds: The part of it for TV-L1.
        videos_per_second: 1000 divided by ``milliseconds``.
        published: Videos a second on the authors' GPU.
    """

    row: str
    milliseconds: float
    flow_milliseconds: float
    videos_per_second: float
    published: float


def timed_rows() -> dict[str, Experiment]:
    """The rows with a published speed, by name."""
    rows = load_paper().of_table('table2')
    return {e.row: e for e in rows if e.speed is not None}


def grey_frames(count: int, size: int) -> np.ndarray:
    """A texture that moves by (2, 1) pixels a frame: uint8 (count, size, size)."""
    texture = draw_texture(np.random.default_rng(0)).mean(axis=2).astype(np.uint8)
    y, x = np.indices((size, size))
    height, width = texture.shape
    return np.stack([texture[(y + t) % height, (x + 2 * t) % width] for t in range(count)])


def flows(pairs: int, size: int) -> Work:
    """TV-L1 of ``pairs`` pairs of frames."""
    frames, algorithm = grey_frames(pairs + 1, size), TVL1()

    def work() -> None:
        for frame, next_frame in pairwise(frames):
            algorithm(frame, next_frame)

    return work


def measure(
    rows: list[Experiment], device: torch.device, rounds: int = 5, size: int = 224, pairs: int = 4
) -> Iterator[Result]:
    """Time rows side by side; progress goes to stderr."""
    configs = list(dict.fromkeys(n.config for row in rows for n in row.networks[DATASET]))
    works, frames = {}, {}
    for config in configs:
        works[config], frames[config] = _inference(config, device, size)
    if any(row.flow for row in rows):
        works['TV-L1'] = flows(pairs, size)
    works = {name: _announced(name, work) for name, work in works.items()}
    seconds = interleave(works, rounds, device, warmup=1)
    for row in rows:
        assert row.speed is not None, f'{row.row} has no published speed to compare with'
        names = [n.config for n in row.networks[DATASET]]
        flow = 0.0
        if row.flow:
            flow = median(seconds['TV-L1']) / pairs * frames[names[0]]
        total = flow + sum(median(seconds[name]) for name in names)
        yield Result(row.row, 1e3 * total, 1e3 * flow, 1 / total, row.speed)


def _inference(config: str, device: torch.device, size: int) -> tuple[Work, int]:
    """A forward pass of a config's network, and the frames of its clip."""
    cfg = load_config(config)
    torch.manual_seed(0)
    model: nn.Module = MODELS.build(cfg.model).to(device)
    model.train(False)
    shape = pipeline_shape(cfg, model, size)
    clip = torch.randn(1, *shape, generator=torch.Generator().manual_seed(0)).to(device)

    def work() -> None:
        with torch.inference_mode():
            model(clip, mode='tensor', stage='head')

    # (T, C, H, W), or (1, C, T, H, W).
    return work, shape[-4] if len(shape) == 4 else shape[2]


def _announced(name: str, work: Work) -> Work:
    def announce_and_work() -> None:
        print(f'  {name}', file=sys.stderr, flush=True)
        work()

    return announce_and_work


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``benchmark.py table2``."""
    rows = timed_rows()
    parser.add_argument(
        '--rows',
        nargs='+',
        choices=rows,
        default=list(rows),
        metavar='ROW',
        help='of: ' + '; '.join(rows) + '. Default: all',
    )
    parser.add_argument('--device', type=torch.device, default=torch.device('cpu'))
    parser.add_argument('--rounds', type=int, default=5, help='default: %(default)s')
    parser.add_argument('--size', type=int, default=224, help='height = width of a frame')
    parser.add_argument(
        '--pairs', type=int, default=4, help='flows timed in a round; default: %(default)s'
    )
    parser.add_argument('--threads', type=int, help="default: torch's, and OpenCV's")
    parser.add_argument('--json', type=Path, help='write the results here')


def run(args: argparse.Namespace) -> None:
    """``benchmark.py table2``."""
    check_device(args.device)
    if args.threads:
        import cv2

        torch.set_num_threads(args.threads)
        cv2.setNumThreads(args.threads)
    machine = describe_machine(args.device)
    print('\n'.join(f'{key}: {value}' for key, value in machine.items()))
    print(f'\n{WHAT.format(pairs=args.pairs)}\n', flush=True)
    rows = timed_rows()
    chosen = [rows[name] for name in args.rows]
    results = list(measure(chosen, args.device, args.rounds, args.size, args.pairs))
    width = max(len(result.row) for result in results)
    print(f'{"":{width}} {"ms":>9} {"of it flow":>10} {"videos/s":>9} {"published":>9}')
    for result in results:
        print(
            f'{result.row:{width}} {result.milliseconds:9.1f} {result.flow_milliseconds:10.1f} '
            f'{result.videos_per_second:9.3f} {result.published:9.1f}'
        )
    print('Published: by the paper, on a GTX Titan Xp. Compare the ratios between rows.')
    if args.json:
        content = {
            'machine': machine,
            'size': args.size,
            'rounds': args.rounds,
            'pairs': args.pairs,
            'results': [asdict(result) for result in results],
        }
        atomic_write_bytes(args.json, (json.dumps(content, indent=2) + '\n').encode())
        print(f'written to {args.json}', file=sys.stderr)
