"""What mmaction2's data lacks; registered in its ``DATASETS`` and ``TRANSFORMS``."""

from .checked import CheckedRawframeDataset, CheckedVideoDataset, DataError
from .classes import load_classes, mirrored_classes
from .clip_reader import Clip, ClipReader, VideoFrames
from .flip import DirectionAwareFlip

__all__ = [
    'CheckedRawframeDataset',
    'CheckedVideoDataset',
    'Clip',
    'ClipReader',
    'DataError',
    'DirectionAwareFlip',
    'VideoFrames',
    'load_classes',
    'mirrored_classes',
]
