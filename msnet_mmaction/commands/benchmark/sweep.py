"""The Triton kernels with other sizes of their blocks and numbers of warps.

A sweep shows whether another setting than the default is faster on this GPU. It needs a GPU that
Triton supports.
"""

import argparse
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

import torch

from .machine import check_device, describe_machine
from .operation import DTYPES, Contestant, Size, make_work
from .results import write_results
from .timing import Work, interleave, make_works, median

SIZES = ('56x28x15', '56x56x15', '56x28x21')


@dataclass(frozen=True)
class Setting:
    """Launch setting of the kernels.

    Attributes:
        block: Number of positions of a program.
        channels: Largest number of channels of a matrix product.
        warps: Number of warps, of 32 threads each.
        stages: Number of stages of the pipeline of loads.
    """

    block: int
    channels: int
    warps: int
    stages: int

    def __str__(self) -> str:
        return (
            f'block {self.block}, channels {self.channels}, warps {self.warps}, '
            f'stages {self.stages}'
        )

    @contextmanager
    def used(self) -> Iterator[None]:
        """The kernels run with it."""
        from ...ops.matching import triton

        with patch.multiple(
            triton,
            BLOCK=self.block,
            MAX_CHANNELS=self.channels,
            WARPS=self.warps,
            STAGES=self.stages,
        ):
            yield


def default_setting() -> Setting:
    """The default setting of the kernels."""
    from ...ops.matching import triton

    return Setting(triton.BLOCK, triton.MAX_CHANNELS, triton.WARPS, triton.STAGES)


#: Small: each costs the compilation of three kernels.
SETTINGS = [
    *(Setting(block, 64, warps, 1) for block, warps in itertools.product((16, 32), (1, 2, 4, 8))),
    *(Setting(16, 64, warps, 2) for warps in (2, 4)),
    *(Setting(16, 32, warps, 1) for warps in (1, 2, 4)),
]


@dataclass(frozen=True)
class Result:
    """One setting at one size.

    Attributes:
        size: NxHxPxC.
        dtype: Type of the features.
        direction: ``forward`` or ``forward+backward``.
        setting: The setting.
        default: Whether it is the default setting.
        milliseconds: Median of the rounds; None if it did not run.
        failure: The error, if it did not run.
    """

    size: str
    dtype: str
    direction: str
    setting: str
    default: bool
    milliseconds: float | None = None
    failure: str | None = None


def measure(
    sizes: list[Size], device: torch.device, dtypes: list[str], rounds: int
) -> Iterator[Result]:
    """Measure all settings, in CUDA graphs, without the time of launches.

    Yields:
        A :class:`Result` of each, the fastest of a size and direction first.
    """
    default = str(default_setting())
    settings = list(dict.fromkeys([default_setting(), *SETTINGS]))
    for size, dtype, backward in itertools.product(sizes, dtypes, (False, True)):
        works, failures = make_works(
            {str(s): partial(_make, s, size, backward, device, DTYPES[dtype]) for s in settings}
        )
        seconds = interleave(works, rounds, device)
        result = partial(Result, str(size), dtype, 'forward+backward' if backward else 'forward')
        for name in sorted(works, key=lambda name: median(seconds[name])):
            yield result(name, name == default, 1e3 * median(seconds[name]))
        for name, failure in failures.items():
            yield result(name, name == default, failure=failure)


def _make(
    setting: Setting, size: Size, backward: bool, device: torch.device, dtype: torch.dtype
) -> Work:
    # A captured graph keeps the setting that it was captured with.
    with setting.used():
        return make_work(size, Contestant('triton', ('graph',)), backward, device, dtype)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``benchmark.py sweep``."""
    parser.add_argument(
        '--sizes',
        nargs='+',
        type=Size.parse,
        default=[Size.parse(text) for text in SIZES],
        metavar='NxHxP[xC]',
        help=f'as those of operation; default: {" ".join(SIZES)}',
    )
    parser.add_argument(
        '--dtypes',
        nargs='+',
        choices=DTYPES,
        default=['float16', 'float32'],
        help='of the features',
    )
    parser.add_argument('--device', type=torch.device, default=torch.device('cuda'))
    parser.add_argument('--rounds', type=int, default=10, help='default: %(default)s')
    parser.add_argument('--json', type=Path, help='write the results here')


def run(args: argparse.Namespace) -> None:
    """``benchmark.py sweep``.

    Raises:
        ValueError: If Triton does not serve the device.
    """
    check_device(args.device)
    if reason := Contestant('triton').hindrance(args.device):
        raise ValueError(reason)
    machine = describe_machine(args.device)
    print('\n'.join(f'{key}: {value}' for key, value in machine.items()), flush=True)
    results = []
    for result in measure(args.sizes, args.device, args.dtypes, args.rounds):
        results.append(result)
        write_results(args.json, machine, results, rounds=args.rounds)
        told = result.failure or f'{result.milliseconds:9.4f} ms'
        mark = ' (default)' if result.default else ''
        print(
            f'{result.size:>16} {result.dtype:>8} {result.direction:>17} '
            f'{result.setting:>44} {told}{mark}',
            flush=True,
        )
    if args.json:
        print(f'written to {args.json}', file=sys.stderr)
