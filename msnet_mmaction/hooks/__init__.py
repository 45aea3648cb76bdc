"""Hooks of a run; registered in mmaction2's ``HOOKS``."""

from .broken_files import BrokenFilesHook
from .fold_batch_norms import FoldBatchNormsHook
from .motion_visualization import MotionVisualizationHook
from .preflight import CheckpointError, PreflightHook, check_checkpoint, check_frames

__all__ = [
    'BrokenFilesHook',
    'CheckpointError',
    'FoldBatchNormsHook',
    'MotionVisualizationHook',
    'PreflightHook',
    'check_checkpoint',
    'check_frames',
]
