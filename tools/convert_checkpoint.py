"""Write a checkpoint of another layout as an ordinary one of MMEngine.

python tools/convert_checkpoint.py SRC DST [--layout NAME] [--drop-classifier]
    [--classes-from LIST --classes-to LIST]
"""

import argparse
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

import msnet_mmaction  # noqa: F401  (mends what MMEngine's loading needs)
from msnet_mmaction.checkpoints import LAYOUTS, convert, read, recognize, rename, reorder_classes
from msnet_mmaction.commands.cli import exit_status
from msnet_mmaction.utils.files import atomic_write


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
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
    args = parser.parse_args()
    if (args.classes_from is None) != (args.classes_to is None):
        parser.error('--classes-from and --classes-to go together')
    if args.classes_from and args.drop_classifier:
        parser.error('a classifier that is dropped has no order')
    return args


def save(checkpoint: dict, path: Path) -> None:
    """Write a file that is complete or not there at all."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f'{path.parent}: no such folder')
    with atomic_write(path) as part:
        torch.save(checkpoint, part)


def run(args: argparse.Namespace) -> None:
    """Convert, and say what was found."""
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


def main() -> int:
    """Run; what a user can put right is told in one line."""
    args = parse_args()
    return exit_status(partial(run, args), ValueError, OSError, RuntimeError)


if __name__ == '__main__':
    sys.exit(main())
