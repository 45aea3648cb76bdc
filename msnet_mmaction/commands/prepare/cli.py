"""Check videos, and make the lists that configs read from them.

Of a downloaded data set::

    python -m msnet_mmaction prepare sthv2 --root /downloads/something-something-v2

Of videos of your own, with a config that trains on them::

    python -m msnet_mmaction prepare folder --root VIDEOS
"""

import argparse
import shlex
import sys
from pathlib import Path

from ...checkpoints import CheckpointError
from ...datasets import DataError
from . import DOWNLOADS, prepare
from .own import prepare_folder
from .own_config import NETWORKS, SAMPLINGS

USER_ERRORS = (DataError, CheckpointError, OSError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    subparsers = parser.add_subparsers(dest='dataset', required=True, metavar='DATASET')
    for name in DOWNLOADS:
        _add_download(subparsers.add_parser(name, help='a downloaded data set'), name)
    _add_folder(subparsers.add_parser('folder', help='videos of your own'))


def _add_download(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument('--root', help=f'folder of the download; data/{name} by default')
    parser.add_argument('--out', help=f'folder of the lists; data/{name} by default')
    parser.add_argument(
        '--classes',
        help='class list in whose order the labels count; sthv1-by-name has that of the lists of '
        'TSM and MotionSqueeze',
    )
    _add_workers(parser)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--root', help='folder of a folder a class, or of such folders in train and val'
    )
    parser.add_argument(
        '--csv',
        help='in place of folders: a file of the columns path and label; split and source may be',
    )
    parser.add_argument('--out', help='folder of what is made; data/NAME OF THE ROOT by default')
    parser.add_argument(
        '--val-share', type=float, default=0.2, help='share of each class to validate on: 0.2'
    )
    parser.add_argument('--seed', type=int, default=0, help='of the division into train and val')
    parser.add_argument(
        '--source',
        metavar='REGEX',
        help='finds in the path of a video what it was cut from, as "_g(\\d+)_": videos of one '
        'source are not divided. By default those of a folder within a class are of one source',
    )
    parser.add_argument('--network', choices=NETWORKS, default='r18', help='MSNet-R18 or -R50')
    parser.add_argument(
        '--sampling', choices=SAMPLINGS, help='of frames; by default as the videos are long'
    )
    parser.add_argument('--no-flip', action='store_true', help='never mirror videos in training')
    start = parser.add_mutually_exclusive_group()
    start.add_argument(
        '--load-from', metavar='CHECKPOINT', help='fine-tune it; its classes may be others'
    )
    start.add_argument(
        '--from-scratch', action='store_true', help="start without ImageNet's weights"
    )
    _add_workers(parser)


def _add_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--workers', type=int, help='number of threads; all cores by default')


def run(args: argparse.Namespace) -> int | None:
    """Prepare, and print the report."""
    try:
        if args.dataset != 'folder':
            return _run_download(args)
        _run_folder(args)
        return None
    except KeyboardInterrupt:
        print('interrupted: the same command goes on from here', file=sys.stderr)
        return 130


def _run_download(args: argparse.Namespace) -> int | None:
    report = prepare(args.dataset, args.root, args.out, args.classes, args.workers)
    out = Path(args.out or Path('data', args.dataset))
    print(f'{report}\n\nlists: {out}, report: {out / "preparation"}')
    return 1 if report.empty_splits() else None


def _run_folder(args: argparse.Namespace) -> None:
    made = prepare_folder(
        args.root,
        args.csv,
        args.out,
        val_share=args.val_share,
        seed=args.seed,
        source_pattern=args.source,
        network=args.network,
        sampling=args.sampling,
        flip=not args.no_flip,
        load_from=args.load_from,
        from_scratch=args.from_scratch,
        workers=args.workers,
    )
    print(f'{made.report}\n\nConfig: {made.config}')
    print(''.join(f'- {choice}\n' for choice in made.choices))
    print(f'Train: python -m msnet_mmaction train {shlex.quote(str(made.config))}')
