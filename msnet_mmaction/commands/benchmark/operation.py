"""Time and memory of the matching: every backend, and other implementations.

A contestant is a backend, or one of the implementations in ``rivals.py``, with options:
``+compile``, ``+tf32`` (in float32 on a GPU), ``+graph`` (captured in a CUDA graph). All are
compared with the first one. Small features stay in the cache of a GPU between calls.
"""

import argparse
import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from ...ops import available_backends, choose_backend, match
from ...ops.matching.backends import BACKENDS
from .execution import capture, with_tf32
from .growth_figure import plot_growth
from .machine import check_device, describe_machine
from .operation_results import Result, Size
from .results import write_results
from .rivals import RIVALS, Match
from .timing import Work, interleave, make_works, median, peak_memory, ratio

#: Pairs, height and width, patch: a clip of 8 frames at the paper's resolution, and variations.
SIZES = ('7x28x15', '7x56x15', '7x28x21', '56x28x15', '7x14x15')

OPTIONS = ('compile', 'tf32', 'graph')

DTYPES = {'float32': torch.float32, 'float16': torch.float16, 'bfloat16': torch.bfloat16}


@dataclass(frozen=True)
class Contestant:
    """An implementation of the matching with options, as ``NAME[+option ...]``.

    Attributes:
        name: A backend or one of :data:`.rivals.RIVALS`.
        options: Some of :data:`OPTIONS`.
    """

    name: str
    options: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> 'Contestant':
        """Read ``NAME[+option ...]``."""
        name, *options = text.split('+')
        if name not in (*BACKENDS, *RIVALS):
            known = ', '.join((*BACKENDS, *RIVALS))
            raise argparse.ArgumentTypeError(f'{text!r}: no {name!r}; there are {known}')
        unknown = [option for option in options if option not in OPTIONS]
        if unknown:
            raise argparse.ArgumentTypeError(
                f'{text!r}: no option {", ".join(unknown)}; there are {", ".join(OPTIONS)}'
            )
        return cls(name, tuple(options))

    def __str__(self) -> str:
        return '+'.join([self.name, *self.options])

    def hindrance(self, device: torch.device) -> str | None:
        """Why it cannot run on a device; None if it can."""
        if self.name in RIVALS:
            return RIVALS[self.name].hindrance(device)
        try:
            choose_backend(torch.empty(1, 1, 1, 1, device=device), self.name)
        except RuntimeError as error:
            return str(error)
        return None

    def make(self) -> Match:
        """The operation."""
        compiled = 'compile' in self.options
        if self.name in RIVALS:
            return RIVALS[self.name].make(compiled)

        def by_backend(source: torch.Tensor, target: torch.Tensor, k: int) -> tuple:
            return match(source, target, max_displacement=k, backend=self.name)

        if not compiled:
            return by_backend
        return torch.compile(by_backend, fullgraph=True, dynamic=False)


def make_work(
    size: Size, contestant: Contestant, backward: bool, device: torch.device, dtype: torch.dtype
) -> Work:
    """One call of the matching, with or without its backward pass."""
    shape = (size.pairs, size.channels, size.height, size.height)
    generator = torch.Generator().manual_seed(0)
    source, target = (
        torch.randn(shape, generator=generator).to(device, dtype).requires_grad_() for _ in range(2)
    )
    match = contestant.make()
    k = size.patch // 2
    grads = [torch.ones(size.pairs, c, *shape[2:], device=device) for c in (2, 1)]

    def forward() -> None:
        with torch.no_grad():
            match(source, target, k)

    def forward_backward() -> None:
        torch.autograd.grad(match(source, target, k), (source, target), grads)

    work = with_tf32(forward_backward if backward else forward, 'tf32' in contestant.options)
    return capture(work, device) if 'graph' in contestant.options else work


def measure(
    sizes: list[Size],
    contestants: list[Contestant],
    device: torch.device,
    dtype: torch.dtype = torch.float32,
    rounds: int = 10,
) -> Iterator[Result]:
    """Measure all contestants at all sizes, each direction interleaved over the contestants."""
    hindrances = {str(c): c.hindrance(device) for c in contestants}
    for size, backward in itertools.product(sizes, (False, True)):
        # Each size is compiled for itself; torch gives up after some versions of one function.
        torch.compiler.reset()
        facts: dict[str, Any] = {
            'size': str(size),
            'direction': 'forward+backward' if backward else 'forward',
            'dtype': next(name for name, value in DTYPES.items() if value == dtype),
        }
        works, failures = make_works(
            {
                str(c): partial(make_work, size, c, backward, device, dtype)
                for c in contestants
                if hindrances[str(c)] is None
            }
        )
        failures |= {name: reason for name, reason in hindrances.items() if reason}
        seconds = interleave(works, rounds, device)
        for contestant in contestants:
            name = str(contestant)
            if name in failures:
                yield Result(backend=name, **facts, failure=failures[name])
                continue
            first = seconds.get(str(contestants[0]))
            memory = None
            if 'graph' not in contestant.options:
                memory = peak_memory(works[name], device) / 2**20
            yield Result(
                backend=name,
                **facts,
                milliseconds=1e3 * median(seconds[name]),
                speedup=ratio(first, seconds[name]) if first else None,
                mebibytes=memory,
            )


def growth_sizes(base: Size) -> dict[str, list[Size]]:
    """Sizes that differ from ``base`` in one dimension, by the name of the dimension."""
    return {
        'pairs N': [Size(n, base.height, base.patch, base.channels) for n in (1, 3, 7, 15, 31)],
        'height = width': [
            Size(base.pairs, h, base.patch, base.channels) for h in (7, 14, 28, 42, 56)
        ],
        'patch P': [
            Size(base.pairs, base.height, p, base.channels) for p in (3, 7, 11, 15, 21, 31)
        ],
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``benchmark.py operation``."""
    parser.add_argument(
        '--sizes',
        nargs='+',
        type=Size.parse,
        default=[Size.parse(text) for text in SIZES],
        metavar='NxHxP[xC]',
        help=f'pairs, height = width, patch and channels (64); default: {" ".join(SIZES)}',
    )
    parser.add_argument(
        '--backends',
        nargs='+',
        type=Contestant.parse,
        metavar='NAME[+option ...]',
        help=f'of {", ".join((*BACKENDS, *RIVALS))}, with options of {", ".join(OPTIONS)}; the '
        'first is what the others are compared with. Default: all backends of this machine',
    )
    parser.add_argument('--device', type=torch.device, default=torch.device('cpu'))
    parser.add_argument('--dtype', choices=DTYPES, default='float32')
    parser.add_argument('--rounds', type=int, default=10, help='default: %(default)s')
    parser.add_argument('--threads', type=int, help="default: torch's")
    parser.add_argument('--json', type=Path, help='write the results here')
    parser.add_argument(
        '--growth',
        type=Path,
        metavar='PNG',
        help='instead of --sizes, let each dimension of the first of them grow, and plot it here',
    )


def run(args: argparse.Namespace) -> int:
    """``benchmark.py operation``."""
    check_device(args.device)
    if args.threads:
        torch.set_num_threads(args.threads)
    contestants = args.backends or [Contestant(name) for name in serving_backends(args.device)]
    machine = describe_machine(args.device)
    print('\n'.join(f'{key}: {value}' for key, value in machine.items()))
    width = max(len(str(c)) for c in contestants)
    print(
        f'\n{"size":>16} {"direction":>17} {"backend":>{width}} {"ms":>9} {"speedup":>8} {"MiB":>8}'
    )

    growth = growth_sizes(args.sizes[0]) if args.growth else None
    sizes = list(dict.fromkeys(itertools.chain(*growth.values()))) if growth else args.sizes
    results = []
    for result in measure(sizes, contestants, args.device, DTYPES[args.dtype], args.rounds):
        results.append(result)
        write_results(args.json, machine, results, dtype=args.dtype, rounds=args.rounds)
        print(_row(result, width), flush=True)
    if args.json:
        print(f'written to {args.json}', file=sys.stderr)
    if growth:
        plot_growth(growth, results, args.growth)
        print(f'plotted to {args.growth}', file=sys.stderr)
    return int(any(result.failure for result in results))


def _row(result: Result, width: int) -> str:
    row = f'{result.size:>16} {result.direction:>17} {result.backend:>{width}} '
    if result.milliseconds is None:
        return f'{row}{result.failure}'
    speedup = '' if result.speedup is None else f'{result.speedup:.1f}'
    memory = '' if result.mebibytes is None else f'{result.mebibytes:.1f}'
    return f'{row}{result.milliseconds:9.3f} {speedup:>8} {memory:>8}'


def serving_backends(device: torch.device) -> list[str]:
    """Backends of this machine for features on ``device``."""
    return [name for name in available_backends() if Contestant(name).hindrance(device) is None]
