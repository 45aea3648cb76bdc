"""What mmaction2's data lacks; registered in its ``DATASETS`` and ``TRANSFORMS``."""

from .checked import CheckedRawframeDataset, CheckedVideoDataset
from .classes import load_classes, mirrored_classes
from .clip_reader import Clip, ClipReader, VideoFrames
from .errors import DataError
from .flip import DirectionAwareFlip
from .frame_cache import FrameCacheInit
from .frame_files import FrameFilesDecode
from .segment_sampling import RandomClipsSampleFrames, SegmentSampleFrames
from .video_transforms import VideoDecode, VideoInit

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
    'load_classes',
    'mirrored_classes',
]
