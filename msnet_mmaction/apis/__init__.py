"""Functions for users: load a recogniser, predict classes, estimate the motion in a video."""

from ..utils.configs import config_path
from .predictions.inputs import find_inputs
from .predictions.predict import iter_predictions, predict
from .predictions.prediction import Prediction, merge_windows
from .recognizers import class_names, load_recognizer
from .video_motion import VideoMotion, motion_along_video, motion_of_video

__all__ = [
    'Prediction',
    'VideoMotion',
    'class_names',
    'config_path',
    'find_inputs',
    'iter_predictions',
    'load_recognizer',
    'merge_windows',
    'motion_along_video',
    'motion_of_video',
    'predict',
]
