"""How long the matching takes, and how much memory, with every backend."""

import argparse
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from ...ops import available_backends, choose_backend, match
from .machine import describe_machine
from .timing import interleave, median, peak_memory, ratio

#: Pairs, height and width, patch: a clip of 8 frames at the paper's place, and around it.
SIZES = ('7x28x15', '7x56x15', '7x28x21', '56x28x15', '7x14x15')

DTYPES = {'float32': torch.float32, 'float16': torch.float16, 'bfloat16': torch.bfloat16}


@dataclass(frozen=True)
class Size:
    """Size of a matching: N pairs of (C, H, H), patches of P x P."""

    pairs: int
    height: int
    patch: int
    channels: int = 64

    @classmethod
    def parse(cls, text: str) -> 'Size':
        """Read ``NxHxP`` or ``NxHxPxC``."""
        try:
            size = cls(*map(int, text.split('x')))
        except (TypeError, ValueError):
            raise argparse.ArgumentTypeError(f'{text!r} is no NxHxP or NxHxPxC') from None
        if min(asdict(size).values()) < 1 or size.patch % 2 == 0:
            raise argparse.ArgumentTypeError(f'{text!r}: positive numbers and an odd patch P')
        return size

    def __str__(self) -> str:
        return f'{self.pairs}x{self.height}x{self.patch}x{self.channels}'


@dataclass(frozen=True)
class Result:
    """One backend at one size.

    Attributes:
        size: NxHxPxC.
        backend: Name of the backend.
        direction: ``forward`` or ``forward+backward``.
        milliseconds: Median of the rounds.
        speedup: Median over the rounds of the reference's time divided by this one's; None where
            the reference did not run.
        mebibytes: Peak memory, see :func:`.timing.peak_memory`.
    """

    size: str
    backend: str
    direction: str
    milliseconds: float
    speedup: float | None
    mebibytes: float


def make_work(
    size: Size, backend: str, backward: bool, device: torch.device, dtype: torch.dtype
) -> Callable[[], object]:
    """One call of the matching, with or without its backward pass."""
    shape = (size.pairs, size.channels, size.height, size.height)
    generator = torch.Generator().manual_seed(0)
    frames = [
        torch.randn(shape, generator=generator).to(device, dtype).requires_grad_() for _ in range(2)
    ]
    k = size.patch // 2

    def forward() -> None:
        with torch.no_grad():
            match(*frames, max_displacement=k, backend=backend)

    def forward_backward() -> None:
        found = match(*frames, max_displacement=k, backend=backend)
        torch.autograd.grad(found, frames, [torch.ones_like(x) for x in found])

    return forward_backward if backward else forward


def measure(
    sizes: list[Size],
    backends: list[str],
    device: torch.device,
    dtype: torch.dtype = torch.float32,
    rounds: int = 10,
) -> Iterator[Result]:
    """Measure all backends at all sizes, each direction interleaved over the backends."""
    for size, backward in itertools.product(sizes, (False, True)):
        works = {name: make_work(size, name, backward, device, dtype) for name in backends}
        seconds = interleave(works, rounds, device)
        for name in backends:
            yield Result(
                size=str(size),
                backend=name,
                direction='forward+backward' if backward else 'forward',
                milliseconds=1e3 * median(seconds[name]),
                speedup=ratio(seconds['reference'], seconds[name])
                if 'reference' in seconds
                else None,
                mebibytes=peak_memory(works[name], device) / 2**20,
            )


def growth_sizes(base: Size) -> dict[str, list[Size]]:
    """Sizes around ``base`` that grow in one dimension each."""
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
    parser.add_argument('--backends', nargs='+', help='default: all that this machine has')
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


def run(args: argparse.Namespace) -> None:
    """``benchmark.py operation``."""
    if args.threads:
        torch.set_num_threads(args.threads)
    backends = args.backends or serving_backends(args.device)
    machine = describe_machine(args.device)
    print('\n'.join(f'{key}: {value}' for key, value in machine.items()))
    print(f'\n{"size":>16} {"direction":>17} {"backend":>10} {"ms":>9} {"speedup":>8} {"MiB":>8}')

    growth = growth_sizes(args.sizes[0]) if args.growth else None
    sizes = list(dict.fromkeys(itertools.chain(*growth.values()))) if growth else args.sizes
    results = []
    for result in measure(sizes, backends, args.device, DTYPES[args.dtype], args.rounds):
        results.append(result)
        speedup = '' if result.speedup is None else f'{result.speedup:.1f}'
        print(
            f'{result.size:>16} {result.direction:>17} {result.backend:>10} '
            f'{result.milliseconds:9.2f} {speedup:>8} {result.mebibytes:8.1f}',
            flush=True,
        )
    if args.json:
        content = {
            'machine': machine,
            'dtype': args.dtype,
            'rounds': args.rounds,
            'results': [asdict(result) for result in results],
        }
        args.json.write_text(json.dumps(content, indent=2) + '\n')
        print(f'written to {args.json}', file=sys.stderr)
    if growth:
        from .growth_figure import plot_growth

        plot_growth(growth, results, args.growth)
        print(f'plotted to {args.growth}', file=sys.stderr)


def serving_backends(device: torch.device) -> list[str]:
    """Backends of this machine that can serve features on ``device``."""
    features = torch.empty(1, 1, 1, 1, device=device)
    names = []
    for name in available_backends():
        try:
            names.append(choose_backend(features, name))
        except RuntimeError:
            continue
    return names
