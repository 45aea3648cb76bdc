"""Compute the TV-L1 flow of the videos of a list, for the temporal stream of Table 6.

Examples::

    # a list of videos
    python -m msnet_mmaction flow LIST.txt VIDEOS FLOW FLOW_LIST.txt
    # a list of folders of frames: Something-Something V1, taken at 12 frames a second
    python -m msnet_mmaction flow LIST.txt FRAMES FLOW FLOW_LIST.txt --frames '{:05}.jpg'
    # flow between frames at 3 frames a second
    python -m msnet_mmaction flow ... --frames '{:05}.jpg' --frames-fps 12 --fps 3

After an interruption, the same command continues. Videos that can't be read are listed at the end
and left out of the new list; the exit status is then 1.
"""

import argparse
import os
import sys

from ...datasets import DataError
from ...datasets.optical_flow import BOUND
from .extraction import extract_flow
from .sources import FrameFolders, VideoFiles

USER_ERRORS = (DataError, ValueError, ImportError, OSError, RuntimeError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('ann_file', help='the list, in a format of MMAction2')
    parser.add_argument('data_root', help='folder that its paths start from')
    parser.add_argument('flow_root', help='folder for the flow; several lists may share one')
    parser.add_argument('flow_ann_file', help='the list to write')
    parser.add_argument('--fps', type=_positive, help='take so many frames a second, not all')
    parser.add_argument(
        '--frames',
        metavar='TEMPLATE',
        help="the list is one of folders of frames, named so from 1: '{:05}.jpg'",
    )
    parser.add_argument(
        '--frames-fps', type=_positive, help='frames a second of such folders, needed for --fps'
    )
    parser.add_argument(
        '--bound',
        type=_positive,
        default=BOUND,
        help='pixels at which displacements are cut off (default: %(default)g)',
    )
    parser.add_argument(
        '--workers',
        type=int,
        default=os.cpu_count(),
        help='number of processes (default: %(default)s, one for each core)',
    )


def run(args: argparse.Namespace) -> int:
    """Compute the flow, and list the videos that could not be read.

    Returns:
        1 if there are such videos, else 0.

    Raises:
        ValueError: If the arguments contradict each other.
    """
    if args.frames and args.fps and not args.frames_fps:
        raise ValueError('--fps of folders of frames needs --frames-fps, which no file tells')
    if args.frames_fps and not args.frames:
        raise ValueError('--frames-fps is for folders of frames (--frames); a video knows its own')
    source = FrameFolders(args.frames, args.frames_fps) if args.frames else VideoFiles()
    failures = extract_flow(
        args.ann_file,
        args.data_root,
        args.flow_root,
        args.flow_ann_file,
        source,
        fps=args.fps,
        bound=args.bound,
        workers=args.workers,
    )
    if failures:
        print(f'{len(failures)} could not be read:', file=sys.stderr)
        for path, reason in failures.items():
            print(f'  {path}: {reason}', file=sys.stderr)
    print(f'written: {args.flow_ann_file}')
    return 1 if failures else 0


def _positive(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f'must be positive, got {text}')
    return number
