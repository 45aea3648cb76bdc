"""Hooks of a run; registered in mmaction2's ``HOOKS``."""

from .broken_files import BrokenFilesHook
from .fold_batch_norms import FoldBatchNormsHook
from .motion_visualization import MotionVisualizationHook
from .preflight import PreflightHook, check_frames

__all__ = [
    'BrokenFilesHook',
    'FoldBatchNormsHook',
    'MotionVisualizationHook',
    'PreflightHook',
    'check_frames',
]
