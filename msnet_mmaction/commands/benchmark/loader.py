"""Samples a second of one core and shares of its time, compared with mmaction2's pipelines."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from mmengine.config import Config
from mmengine.hub import get_config
from mmengine.registry import init_default_scope

from ...utils.configs import config_path
from ..cache.writer import named_videos, write_frame_cache
from .loader_stages import STAGES, StagedPipeline
from .loader_videos import MAKERS
from .machine import describe_machine
from .results import write_results
from .timing import median, ratio

_TSM = 'mmaction::recognition/tsm/tsm_imagenet-pretrained-r50_8xb16-{}-rgb.py'

#: mmaction2's pipelines that ours are compared with. It ships none of V1: its V2 pipeline is
#: given V1's way to read frames.
STOCK = {
    'sthv1': _TSM.format('1x1x8-50e_sthv2'),
    'sthv2': _TSM.format('1x1x8-50e_sthv2'),
    'k400': _TSM.format('dense-1x1x8-50e_kinetics400'),
}
CONFIGS = {name: f'msnet_mmaction::msnet_r50_{name}.py' for name in STOCK}

#: mmaction2's transforms in the places of ours: the same frames, read by decord.
_STOCK_TRANSFORMS = {
    'VideoInit': 'DecordInit',
    'VideoDecode': 'DecordDecode',
    'FrameFilesDecode': 'RawFrameDecode',
}

#: Our pipeline with these.
BY_MMACTION2 = 'ours, stock reader'
#: Our pipeline from caches of frames, and the quality of their JPEGs.
CACHES = {'ours, JPEG cache': 95, 'ours, lossless cache': None}


@dataclass(frozen=True)
class Result:
    """One pipeline on the videos of one data set.

    Attributes:
        data: Data set that the videos imitate.
        split: ``train``, or ``val``: one clip of Something-Something, ten of Kinetics, the centre
            crop.
        pipeline: Name of the pipeline.
        samples_per_second: Of one core, the median of the rounds.
        speedup: Median over the rounds of the time of mmaction2's pipeline divided by this one's.
        shares: Share of each stage, the median of the rounds.
        difference: Largest difference of a value (0 to 255) of the network's input from that of the
            same pipeline with mmaction2's reader; None if they are not comparable.
        mean_difference: The mean of the absolute differences.
    """

    data: str
    split: str
    pipeline: str
    samples_per_second: float
    speedup: float
    shares: dict[str, float]
    difference: int | None
    mean_difference: float | None


def pipelines(
    data: str, split: str, samples: Sequence[dict], folder: Path
) -> dict[str, StagedPipeline]:
    """The pipelines to compare, mmaction2's first. Writes the caches that some of them read."""
    stock = list(get_config(STOCK[data])[f'{split}_pipeline'])
    ours = list(Config.fromfile(config_path(CONFIGS[data]))[f'{split}_dataloader'].dataset.pipeline)
    if data == 'sthv1':
        stock = [dict(type='RawFrameDecode') if t['type'] == 'DecordDecode' else t for t in stock]
        stock = [t for t in stock if t['type'] != 'DecordInit']
    found = {'mmaction2': stock, BY_MMACTION2: [_stock_reader(t) for t in ours], 'ours': ours}
    # Folders of frames need no cache of frames.
    for name, quality in CACHES.items() if data != 'sthv1' else ():
        path = folder / f'{quality}.cache'
        paths = [sample['filename'] for sample in samples]
        write_frame_cache(
            path, named_videos(paths, str(folder)), quality=quality, show_progress=False
        )
        init = dict(type='FrameCacheInit', cache=str(path), root=str(folder))
        found[name] = [init if t['type'] == 'VideoInit' else t for t in ours]
    return {name: StagedPipeline(transforms) for name, transforms in found.items()}


def _stock_reader(transform: dict) -> dict:
    return dict(transform) | {'type': _STOCK_TRANSFORMS.get(transform['type'], transform['type'])}


def measure(
    data: str, split: str, samples: Sequence[dict], folder: Path, rounds: int
) -> Iterator[Result]:
    """Measure the pipelines on the same videos, interleaved round by round.

    Yields:
        A :class:`Result` of each.
    """
    contestants = pipelines(data, split, samples, folder)
    inputs = {name: pipeline.load(samples, seed=0)[1] for name, pipeline in contestants.items()}
    times: dict[str, list[dict[str, float]]] = {name: [] for name in contestants}
    for seed in range(rounds):
        for name, pipeline in contestants.items():
            times[name].append(pipeline.load(samples, seed)[0])
    totals = {name: [sum(t.values()) for t in times[name]] for name in contestants}
    for name in contestants:
        difference = None
        if name != 'mmaction2':
            difference = _difference(inputs[name], inputs[BY_MMACTION2])
        yield Result(
            data=data,
            split=split,
            pipeline=name,
            samples_per_second=len(samples) / median(totals[name]),
            speedup=ratio(totals['mmaction2'], totals[name]),
            shares={
                stage: median(t[stage] / sum(t.values()) for t in times[name]) for stage in STAGES
            },
            difference=int(difference.max()) if difference is not None else None,
            mean_difference=float(difference.mean()) if difference is not None else None,
        )


def _difference(inputs: list[torch.Tensor], others: list[torch.Tensor]) -> torch.Tensor:
    return (torch.cat(inputs).float() - torch.cat(others).float()).abs()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``benchmark.py loader``."""
    parser.add_argument('--data', nargs='+', choices=list(MAKERS), default=list(MAKERS))
    parser.add_argument('--splits', nargs='+', choices=['train', 'val'], default=['train', 'val'])
    parser.add_argument('--videos', type=int, default=6, help='of each data set')
    parser.add_argument('--rounds', type=int, default=10, help='default: %(default)s')
    parser.add_argument('--json', type=Path, help='write the results here')


def run(args: argparse.Namespace) -> None:
    """``benchmark.py loader``."""
    # A worker has one thread.
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    init_default_scope('mmaction')
    machine = describe_machine(torch.device('cpu'))
    print('\n'.join(f'{key}: {value}' for key, value in machine.items()))
    results = []
    for data in args.data:
        with tempfile.TemporaryDirectory() as folder:
            print(f'\nmaking {args.videos} videos like those of {data} ...', flush=True)
            samples = MAKERS[data](Path(folder), args.videos)
            for split in args.splits:
                print(_header(f'{data} {split}'), flush=True)
                for result in measure(data, split, samples, Path(folder), args.rounds):
                    results.append(result)
                    write_results(args.json, machine, results, rounds=args.rounds)
                    print(_row(result), flush=True)
    if args.json:
        print(f'written to {args.json}', file=sys.stderr)


def _header(title: str) -> str:
    stages = ' '.join(f'{stage:>9}' for stage in STAGES)
    return f'\n{title:>22} {"samples/s":>9} {"speedup":>7} {stages} {"difference":>13}'


def _row(result: Result) -> str:
    shares = ' '.join(f'{result.shares[stage]:9.1%}' for stage in STAGES)
    difference = ''
    if result.difference is not None:
        difference = f'{result.mean_difference:.3f}, max {result.difference}'
    return (
        f'{result.pipeline:>22} {result.samples_per_second:9.1f} {result.speedup:7.2f} {shares} '
        f'{difference:>13}'
    )
