"""Hooks of a run; registered in mmaction2's ``HOOKS``."""

from .fold_batch_norms import FoldBatchNormsHook
from .motion_visualization import MotionVisualizationHook
from .preflight import CheckpointError, PreflightHook, check_checkpoint, check_frames

__all__ = [
    'CheckpointError',
    'FoldBatchNormsHook',
    'MotionVisualizationHook',
    'PreflightHook',
    'check_checkpoint',
    'check_frames',
]
