"""Write short video files in which only the motion tells the class, for demos and tests.

Example::

    python tools/data/make_motion_dataset.py data/motion
"""

import argparse

from msnet_mmaction.commands.demo.motion_data import generate


def main() -> None:
    """Parse the arguments and write the data set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('root', help='folder of the data set')
    parser.add_argument('--train', type=int, default=1200, help='number of training clips')
    parser.add_argument('--val', type=int, default=240, help='number of validation clips')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--workers', type=int, default=2, help='number of processes')
    args = parser.parse_args()
    generate(args.root, args.train, args.val, args.seed, args.workers)


if __name__ == '__main__':
    main()
