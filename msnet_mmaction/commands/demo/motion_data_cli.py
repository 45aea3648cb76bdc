"""Write short video files whose class depends on the motion only, for demos and tests.

Example::

    python -m msnet_mmaction motion-data data/motion
"""

import argparse

from .motion_data import generate

USER_ERRORS = (ValueError, OSError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('root', help='folder of the data set')
    parser.add_argument('--train', type=int, default=1200, help='number of training clips')
    parser.add_argument('--val', type=int, default=240, help='number of validation clips')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--workers', type=int, default=2, help='number of processes')


def run(args: argparse.Namespace) -> None:
    """Write the data set."""
    generate(args.root, args.train, args.val, args.seed, args.workers)
