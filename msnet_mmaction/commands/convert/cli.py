"""Convert a checkpoint of another layout to one of MMEngine.

python -m msnet_mmaction convert SRC DST [--layout NAME] [--drop-classifier]
    [--classes-from LIST --classes-to LIST]
"""

import argparse
from pathlib import Path

import torch

from ...checkpoints import LAYOUTS, convert, read, recognize, rename, reorder_classes
from ...utils.files import atomic_write

USER_ERRORS = (ValueError, OSError, RuntimeError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('src', help='a file, a URL, or a short name as torchvision/resnet50')
    parser.add_argument('dst', type=Path, help='the file to write')
    parser.add_argument('--layout', choices=LAYOUTS, help='instead of recognising it by the keys')
    parser.add_argument('--drop-classifier', action='store_true', help='leave the head out')
    parser.add_argument(
        '--classes-from', help='class list that the classifier was trained with, as sthv1'
    )
    parser.add_argument(
        '--classes-to', help='the same classes in the order wanted, as sthv1-by-name'
    )


def save(checkpoint: dict, path: Path) -> None:
    """Write the file atomically."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f'{path.parent}: no such folder')
    with atomic_write(path) as part:
        torch.save(checkpoint, part)


def run(args: argparse.Namespace) -> None:
    """Convert, and print the layout.

    Raises:
        ValueError: If the arguments contradict each other, or the layout is unknown.
    """
    if (args.classes_from is None) != (args.classes_to is None):
        raise ValueError('--classes-from and --classes-to go together')
    if args.classes_from and args.drop_classifier:
        raise ValueError('a classifier that is dropped has no order')
    state_dict, meta = read(args.src, 'cpu')
    layout = args.layout or recognize(state_dict, args.src)
    dead = [key for key, name in rename(state_dict, layout, args.src).items() if name is None]
    classifier = 'drop' if args.drop_classifier else 'keep'
    converted = convert(state_dict, layout, classifier, args.src)
    if args.classes_from:
        converted = reorder_classes(converted, args.classes_from, args.classes_to, args.src)
    meta = {**meta, 'converted_from': dict(source=Path(args.src).name, layout=layout)}
    save(dict(meta=meta, state_dict=converted), args.dst)

    print(f'layout: {layout}')
    print(f'keys used: {len(converted)} of {len(state_dict)}')
    print(f'dead keys: {len(dead)}' + ''.join(f'\n  {key}' for key in dead))
    if args.drop_classifier:
        print(f'dropped with the classifier: {len(state_dict) - len(converted) - len(dead)}')
    if args.classes_from:
        print(f'classes: from the order of {args.classes_from} to that of {args.classes_to}')
    print(f'written: {args.dst}')
