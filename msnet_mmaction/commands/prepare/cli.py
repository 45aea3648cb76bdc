"""Make the lists that the configs read from a download, after checking each of its files.

Example::

    python -m msnet_mmaction prepare sthv2 --root /downloads/something-something-v2
"""

import argparse
import sys
from pathlib import Path

from ...datasets import DataError
from . import DOWNLOADS, prepare

USER_ERRORS = (DataError, OSError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('dataset', choices=DOWNLOADS)
    parser.add_argument('--root', help='folder of the download; data/DATASET by default')
    parser.add_argument('--out', help='folder of the lists; data/DATASET by default')
    parser.add_argument(
        '--classes',
        help='class list in whose order the labels count; sthv1-by-name has that of the lists of '
        'TSM and MotionSqueeze',
    )
    parser.add_argument('--workers', type=int, help='number of threads; all cores by default')


def run(args: argparse.Namespace) -> int | None:
    """Prepare, and print the report."""
    try:
        report = prepare(args.dataset, args.root, args.out, args.classes, args.workers)
    except KeyboardInterrupt:
        print('interrupted: the same command goes on from here', file=sys.stderr)
        return 130
    out = Path(args.out or Path('data', args.dataset))
    print(f'{report}\n\nlists: {out}, report: {out / "preparation"}')
    return 1 if report.empty_splits() else None
