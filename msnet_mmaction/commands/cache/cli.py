"""Write the resized frames of a split to one file, from which they are read many times faster.

Example::

    python -m msnet_mmaction cache configs/msnet_r50_sthv2.py train data/sthv2/train.cache

After an interruption, the same command continues. docs/data_loading.md says how to train with it.
"""

import argparse
import os

from mmaction.registry import DATASETS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from ...datasets import DataError
from ...utils.configs import config_path
from .writer import named_videos, write_frame_cache

USER_ERRORS = (DataError, ValueError, OSError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('config', type=config_path, help='a config whose data are videos')
    parser.add_argument('split', choices=['train', 'val', 'test'])
    parser.add_argument('cache', help='the file to write')
    parser.add_argument(
        '--size', nargs=2, type=int, default=[240, 320], metavar=('HEIGHT', 'WIDTH')
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument('--quality', type=int, default=95, help='of the JPEGs, 1 to 100')
    kind.add_argument('--lossless', action='store_true', help='frames as they are, 225 KiB each')
    parser.add_argument(
        '--verify',
        action='store_true',
        help='read all frames of a cache that is there, and write damaged ones again',
    )
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='number of processes')


def run(args: argparse.Namespace) -> None:
    """Write the cache.

    Raises:
        ValueError: If ``--quality`` is out of its range, or the data are not videos.
    """
    if not 1 <= args.quality <= 100:
        raise ValueError('--quality must be from 1 to 100')
    init_default_scope('mmaction')
    dataset = DATASETS.build(Config.fromfile(args.config)[f'{args.split}_dataloader'].dataset)
    root = dataset.data_prefix.get('video')
    if root is None:
        raise ValueError(f'the data of {args.config} are not videos: there is no need for a cache')
    paths = [dataset.get_data_info(index)['filename'] for index in range(len(dataset))]
    quality = None if args.lossless else args.quality
    failures = write_frame_cache(
        args.cache,
        named_videos(paths, root),
        tuple(args.size),
        quality,
        args.workers,
        verify=args.verify,
    )
    read, gibibytes = len(paths) - len(failures), os.path.getsize(args.cache) / 2**30
    print(f'\n{args.cache}: {read} of {len(paths)} videos, {gibibytes:.2f} GiB')
    if failures:
        print(f'{len(failures)} videos could not be read, and are not in it:')
        print('\n'.join(failures.values()))
