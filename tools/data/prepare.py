"""Make the lists that the configs read from a download, after checking each of its files.

Example::

    python tools/data/prepare.py sthv2 --root /downloads/something-something-v2
"""

import argparse
import sys
from pathlib import Path

from msnet_mmaction.commands.prepare import DOWNLOADS, prepare
from msnet_mmaction.datasets import DataError


def main() -> int:
    """Parse the arguments, prepare, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('dataset', choices=DOWNLOADS)
    parser.add_argument('--root', help='folder of the download; data/DATASET by default')
    parser.add_argument('--out', help='folder of the lists; data/DATASET by default')
    parser.add_argument(
        '--classes',
        help='class list in whose order the labels count; sthv1-by-name has that of the lists of '
        'TSM and MotionSqueeze',
    )
    parser.add_argument('--workers', type=int, help='number of threads; all cores by default')
    args = parser.parse_args()
    try:
        report = prepare(args.dataset, args.root, args.out, args.classes, args.workers)
    except (DataError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print('interrupted: the same command goes on from here', file=sys.stderr)
        return 130
    out = Path(args.out or Path('data', args.dataset))
    print(f'{report}\n\nlists: {out}, report: {out / "preparation"}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
