"""Hooks of a run; registered in mmaction2's ``HOOKS``."""

from .best_checkpoint import BestCheckpointLinkHook
from .broken_files import BrokenFilesHook
from .fold_batch_norms import FoldBatchNormsHook
from .motion_visualization import MotionVisualizationHook
from .preflight import PreflightHook, check_frames

__all__ = [
    'BestCheckpointLinkHook',
    'BrokenFilesHook',
    'FoldBatchNormsHook',
    'MotionVisualizationHook',
    'PreflightHook',
    'check_frames',
]
