"""Draw contact sheets of samples after all transforms, as the network gets them.

Example::

    python -m msnet_mmaction browse configs/msnet_r50_sthv1.py work_dirs/browse
"""

import argparse
from pathlib import Path

import cv2
import torch
from mmaction.registry import DATASETS
from mmengine.config import Config, DictAction
from mmengine.registry import init_default_scope
from mmengine.runner import set_random_seed
from mmengine.utils import ProgressBar

from ...datasets import DataError
from ...utils.configs import config_path
from ...visualization import Strip, contact_sheet
from .browse import BrowsedSample, browse

USER_ERRORS = (DataError, OSError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('config', type=config_path)
    parser.add_argument('out', type=Path, help='folder of the pictures')
    parser.add_argument('--split', choices=['train', 'val', 'test'], default='train')
    parser.add_argument('--number', type=int, default=24, help='number of samples')
    parser.add_argument('--rows', type=int, default=6, help='samples a picture')
    parser.add_argument('--columns', type=int, default=8, help='frames a row')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={})


def strip_of(sample: BrowsedSample) -> Strip:
    """The strip of a sample: its frames, its source and its label."""
    name = f'{sample.label} {sample.class_name}'.strip()
    title = f'{name} | {"flipped | " if sample.flipped else ""}{sample.path}'
    return Strip(sample.frames, title, [str(i) for i in sample.indices])


def run(args: argparse.Namespace) -> None:
    """Draw random samples, without repetition."""
    cfg = Config.fromfile(args.config)
    cfg.merge_from_dict(args.cfg_options)
    init_default_scope('mmaction')
    dataset = DATASETS.build(cfg[f'{args.split}_dataloader'].dataset)
    set_random_seed(args.seed)
    indices = torch.randperm(len(dataset))[: args.number].tolist()
    args.out.mkdir(parents=True, exist_ok=True)
    progress = ProgressBar(len(indices))
    for page, start in enumerate(range(0, len(indices), args.rows)):
        strips = []
        for index in indices[start : start + args.rows]:
            strips.append(strip_of(browse(dataset, index)))
            progress.update()
        sheet = contact_sheet(strips, args.columns)
        cv2.imwrite(str(args.out / f'{args.split}_{page:02}.png'), sheet[..., ::-1])
    print(f'\nwritten: {args.out}')
