"""What mmaction2's data lacks; registered in its ``DATASETS`` and ``TRANSFORMS``."""

from .checked import CheckedRawframeDataset, CheckedVideoDataset
from .classes import load_classes, mirrored_classes
from .errors import DataError
from .flip import DirectionAwareFlip

__all__ = [
    'CheckedRawframeDataset',
    'CheckedVideoDataset',
    'DataError',
    'DirectionAwareFlip',
    'load_classes',
    'mirrored_classes',
]
