"""What is run on a GPU: the tests, the benchmarks, a short training."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

import torch

from ...utils.configs import resource_root
from ..benchmark.operation import Contestant

TSM = 'mmaction::recognition/tsm/tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py'
OUR_TSM = 'msnet_mmaction::tsm_r50_sthv1.py'
MSNET = 'msnet_mmaction::msnet_r50_sthv1.py'
#: A small network, for a rehearsal.
DEMO = 'msnet_mmaction::demo/msnet_r18_motion.py'
DEMO_PLAIN = 'msnet_mmaction::demo/resnet18_motion.py'

#: Eight clips of 8 frames at the paper's place, one clip, and a larger map and patch.
SIZES = ('56x28x15', '7x28x15', '7x56x15', '7x28x21')
#: The first is what the others are compared with: one of them is the fastest that users have.
WAYS = (
    'matrix-product',
    'matrix-product+compile',
    'mmcv+compile',
    'localcorr+compile',
    'export+compile',
    'triton',
    'triton+compile',
    'triton+graph',
)
PRECISIONS = {'float32': '', 'TF32': '+tf32', 'bfloat16': '+bf16', 'float16': '+fp16'}


@dataclass(frozen=True)
class Part:
    """A part of the whole, which runs in a process of its own.

    Attributes:
        name: For ``--parts``, and of its files.
        title: In the report.
        seconds: Its share of ten minutes.
        arguments: Of ``python``.
        results: The JSON that it writes, if any.
        environment: Variables of its process.
        cwd: Its folder, if it matters.
        left_out: What it does not do here, and why.
        hindrance: Why it cannot run at all.
    """

    name: str
    title: str
    seconds: int
    arguments: list[str]
    results: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    left_out: tuple[str, ...] = ()
    hindrance: str | None = None


def all_parts(device: torch.device, folder: Path) -> list[Part]:
    """Every part, in order: what proves before what measures.

    Args:
        device: A GPU, or the CPU for a rehearsal at tiny sizes.
        folder: Where they leave their results.
    """
    real = device.type == 'cuda'
    parts = [_tests(real, folder), *_operation(device, folder), *_networks(device, folder)]
    parts += [_training(device, folder), _loader(real, folder), _demo(real, folder)]
    return [*parts, _sweep(device, folder)]


def _tests(real: bool, folder: Path) -> Part:
    root = resource_root()
    results = folder / 'tests.xml'
    arguments = ['-m', 'pytest', 'tests/gpu', '-p', 'no:cacheprovider', f'--junitxml={results}']
    hindrance = None
    if not (root / 'tests' / 'gpu').is_dir():
        hindrance = 'an installed wheel has no tests, a checkout has'
    elif find_spec('pytest') is None:
        hindrance = 'pytest is not installed'
    environment = {} if real else {'MSNET_GPU_TESTS_DEVICE': 'cpu', 'TRITON_INTERPRET': '1'}
    return Part('tests', 'Tests', 200, arguments, results, environment, root, hindrance=hindrance)


def _benchmark(
    name: str,
    title: str,
    seconds: int,
    folder: Path,
    *arguments: str,
    left_out: tuple[str, ...] = (),
) -> Part:
    results = folder / f'{name}.json'
    words = ['-m', 'msnet_mmaction', 'benchmark', *arguments, '--json', str(results)]
    return Part(name, title, seconds, words, results, left_out=left_out)


def _operation(device: torch.device, folder: Path) -> Iterator[Part]:
    real = device.type == 'cuda'
    sizes = SIZES if real else ('1x5x3x4',)
    for dtype, options in (('float32', ''), ('float32', '+tf32'), ('float16', '')):
        if options and not real:
            continue
        names = [name + options for name in (WAYS if real else ('matrix-product', 'export', 'cpu'))]
        hindrances = {name: Contestant.parse(name).hindrance(device) for name in names}
        left_out = tuple(f'{name}: {why}' for name, why in hindrances.items() if why)
        label = 'TF32' if options else dtype
        yield _benchmark(
            f'operation-{label.lower()}',
            f'The operation, {label}',
            30,
            folder,
            *('operation', '--device', device.type, '--dtype', dtype, '--rounds', '10'),
            *('--sizes', *sizes),
            *('--backends', *(name for name, why in hindrances.items() if not why)),
            left_out=left_out,
        )


def _networks(device: torch.device, folder: Path) -> Iterator[Part]:
    common = ('--device', device.type, '--rounds', '10')
    if device.type != 'cuda':
        names = [DEMO_PLAIN, DEMO, f'{DEMO}+optimize']
        yield _benchmark(
            'networks', 'Networks', 30, folder, 'model', *names, '--size', '32', *common
        )
        return
    for label, precision in PRECISIONS.items():
        names = [
            TSM,
            f'{TSM}+channels_last',
            f'{OUR_TSM}+channels_last',
            MSNET,
            f'{MSNET}+channels_last',
            f'{MSNET}+optimize+channels_last',
        ]
        yield _benchmark(
            f'networks-{label.lower()}',
            f'Networks, {label}',
            20,
            folder,
            *('model', *(name + precision for name in names), '--batch', '1', '8', '64', *common),
        )
    names = [TSM, f'{MSNET}+channels_last', f'{MSNET}+optimize+channels_last']
    yield _benchmark(
        'networks-graph',
        'Networks in CUDA graphs, bfloat16',
        20,
        folder,
        *('model', *(f'{name}+graph+bf16' for name in names), '--batch', '1', '8', *common),
    )
    names = [f'{TSM}+channels_last', f'{MSNET}+channels_last']
    names = [f'{name}{options}' for name in names for options in ('+compile', '+compile+graph')]
    yield _benchmark(
        'networks-compiled',
        'Networks, compiled, bfloat16',
        60,
        folder,
        *('model', *(f'{name}+bf16' for name in names), '--batch', '8', *common),
    )


def _training(device: torch.device, folder: Path) -> Part:
    names, size, batch = [DEMO_PLAIN, DEMO], '32', '2'
    if device.type == 'cuda':
        size, batch = '224', '6'
        names = [
            name + precision
            for precision in ('+tf32', '+bf16', '+fp16')
            for name in (TSM, f'{OUR_TSM}+channels_last', MSNET, f'{MSNET}+channels_last')
        ]
    return _benchmark(
        'training',
        f'A training step of {batch} clips',
        40,
        folder,
        *('model', *names, '--train', '--batch', batch, '--size', size),
        *('--device', device.type, '--rounds', '10'),
    )


def _loader(real: bool, folder: Path) -> Part:
    videos, rounds = ('6', '3') if real else ('1', '1')
    return _benchmark(
        'loader',
        'Reading videos, one core',
        30,
        folder,
        *('loader', '--data', 'sthv2' if real else 'sthv1', '--splits', 'train'),
        *('--videos', videos, '--rounds', rounds),
    )


def _demo(real: bool, folder: Path) -> Part:
    clips, epochs = (240, 6) if real else (16, 1)
    arguments = [
        *('-m', 'msnet_mmaction', 'demo', '--data', str(folder / f'data_{clips}')),
        *('--work-dir', str(folder / 'demo'), '--clips', str(clips)),
        *('--val-clips', str(clips // 2)),
        *('--cfg-options', f'train_cfg.max_epochs={epochs}'),
    ]
    title = f'A training of the demo: {clips} clips, {epochs} epochs'
    return Part('demo', title, 80, arguments, folder / 'demo' / 'accuracy.json')


def _sweep(device: torch.device, folder: Path) -> Part:
    words = ('sweep', '--device', device.type, '--rounds', '10')
    part = _benchmark('sweep', 'Settings of the kernels', 90, folder, *words)
    return replace(part, hindrance=None if device.type == 'cuda' else 'it needs a GPU')


def chosen_parts(parts: list[Part], names: list[str] | None, sweep: bool = False) -> list[Part]:
    """The parts of these names, or whose names begin with them; without names all but the sweep.

    Args:
        parts: All of them.
        names: Of those to choose.
        sweep: Whether the sweep is chosen besides.

    Raises:
        ValueError: If there is no such part.
    """
    for name in names or []:
        if not any(_is_named(part, name) for part in parts):
            known = ', '.join(part.name for part in parts)
            raise ValueError(f'there is no part {name!r}; there are {known}')
    names = names or [part.name for part in parts if part.name != 'sweep']
    if sweep:
        names = [*names, 'sweep']
    return [part for part in parts if any(_is_named(part, name) for name in names)]


def _is_named(part: Part, name: str) -> bool:
    return part.name == name or part.name.startswith(f'{name}-')


def python(part: Part) -> list[str]:
    """The command line of a part."""
    return [sys.executable, *part.arguments]
