"""What mmaction2's data lacks; registered in its ``DATASETS`` and ``TRANSFORMS``."""

from .checked import CheckedRawframeDataset, CheckedVideoDataset
from .classes import load_classes, mirrored_classes
from .errors import DataError
from .flip import DirectionAwareFlip
from .frame_cache import FrameCacheInit
from .frame_files import FrameFilesDecode
from .ordered_sampling import OrderedSampleFrames
from .video_transforms import VideoDecode, VideoInit

__all__ = [
    'CheckedRawframeDataset',
    'CheckedVideoDataset',
    'DataError',
    'DirectionAwareFlip',
    'FrameCacheInit',
    'FrameFilesDecode',
    'OrderedSampleFrames',
    'VideoDecode',
    'VideoInit',
    'load_classes',
    'mirrored_classes',
]
