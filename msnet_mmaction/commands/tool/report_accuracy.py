"""A check of the files of scores before mmaction2's report_accuracy.py."""

import argparse

from ...evaluation.scores import ScoreError, check_same_videos


def check_scores(arguments: list[str]) -> None:
    """Check the files of scores in the arguments of the script.

    Raises:
        ScoreError: If they are not of the same videos, in the same order.
    """
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
