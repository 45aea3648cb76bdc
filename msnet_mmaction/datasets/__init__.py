"""What mmaction2's data lacks; registered in its ``DATASETS`` and ``TRANSFORMS``."""

from .checked import CheckedRawframeDataset, CheckedVideoDataset, DataError
from .classes import load_classes, mirrored_classes
from .flip import DirectionAwareFlip
from .segment_sampling import RandomClipsSampleFrames, SegmentSampleFrames

__all__ = [
    'CheckedRawframeDataset',
    'CheckedVideoDataset',
    'DataError',
    'DirectionAwareFlip',
    'RandomClipsSampleFrames',
    'SegmentSampleFrames',
    'load_classes',
    'mirrored_classes',
]
