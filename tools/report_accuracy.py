"""Accuracy of fused scores: mmaction2's report_accuracy.py and its command line.

python tools/report_accuracy.py --preds A.pkl B.pkl [--coefficients 1 1]

The files, which test.py --dump writes, are checked to be of the same videos first.
"""

import argparse
import sys

from msnet_mmaction.commands.cli import run_mmaction_tool
from msnet_mmaction.evaluation.scores import ScoreError, check_same_videos


def check(arguments: list[str]) -> None:
    """Check the files that a command line names; mmaction2's script reads the rest of it."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument('--preds', nargs='+', default=[])
    parser.add_argument('--coefficients', nargs='+', default=[1, 1])
    args, _ = parser.parse_known_args(arguments)
    if not args.preds:
        return
    if len(args.coefficients) != len(args.preds):
        raise ScoreError(
            f'{len(args.preds)} files of scores need as many --coefficients, not '
            f'{len(args.coefficients)}'
        )
    if not check_same_videos(args.preds):
        print('The scores name no videos: their number, order and labels alone were compared.')


if __name__ == '__main__':
    try:
        check(sys.argv[1:])
    except ScoreError as error:
        sys.exit(f'error: {error}')
    run_mmaction_tool('analysis_tools/report_accuracy.py')
