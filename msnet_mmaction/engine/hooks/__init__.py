"""Hooks of a run; registered in mmaction2's ``HOOKS``."""

from ..checks import check_classes, check_frames
from .best_checkpoint import BestCheckpointLinkHook
from .broken_files import BrokenFilesHook
from .motion_visualization import MotionVisualizationHook
from .optimize_for_inference import OptimizeForInferenceHook
from .preflight import PreflightHook

__all__ = [
    'BestCheckpointLinkHook',
    'BrokenFilesHook',
    'MotionVisualizationHook',
    'OptimizeForInferenceHook',
    'PreflightHook',
    'check_classes',
    'check_frames',
]
