"""Checks of videos, and the lists of mmaction2 that are made of them."""

from .checks import Check, check_frames, check_video
from .download import Clip, Download, Split
from .engine import DOWNLOADS, prepare
from .own import prepare_folder
from .report import Report

__all__ = [
    'DOWNLOADS',
    'Check',
    'Clip',
    'Download',
    'Report',
    'Split',
    'check_frames',
    'check_video',
    'prepare',
    'prepare_folder',
]
