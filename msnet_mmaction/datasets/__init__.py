"""What mmaction2's data lacks; registered in its ``DATASETS`` and ``TRANSFORMS``."""

from .datasets import CheckedRawframeDataset, CheckedVideoDataset
from .errors import DataError
from .labels.classes import flip_label_map, load_classes
from .readers.clip import Clip, ClipReader, VideoFrames
from .readers.frame_cache import FrameCacheInit
from .readers.frame_files import FrameFilesDecode
from .samplers import RandomClipsSampleFrames, SegmentSampleFrames
from .transforms.flip import DirectionAwareFlip
from .transforms.video import VideoDecode, VideoInit

__all__ = [
    'CheckedRawframeDataset',
    'CheckedVideoDataset',
    'Clip',
    'ClipReader',
    'DataError',
    'DirectionAwareFlip',
    'FrameCacheInit',
    'FrameFilesDecode',
    'RandomClipsSampleFrames',
    'SegmentSampleFrames',
    'VideoDecode',
    'VideoFrames',
    'VideoInit',
    'flip_label_map',
    'load_classes',
]
