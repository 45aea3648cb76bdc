"""Functions for users: load a recogniser, estimate the motion in a video."""

from ..utils.configs import config_path
from .recognizers import load_recognizer
from .video_motion import VideoMotion, motion_along_video, motion_of_video

__all__ = [
    'VideoMotion',
    'config_path',
    'load_recognizer',
    'motion_along_video',
    'motion_of_video',
]
