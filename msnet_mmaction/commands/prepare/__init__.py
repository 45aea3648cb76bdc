"""From the downloads of the data sets to mmaction2's lists."""

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
