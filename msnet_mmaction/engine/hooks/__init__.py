"""Hooks of a run; registered in mmaction2's ``HOOKS``."""

from ..checks import check_classes, check_frames
from .best_checkpoint import BestCheckpointLinkHook
from .broken_files import BrokenFilesHook
from .fold_batch_norms import FoldBatchNormsHook
from .motion_visualization import MotionVisualizationHook
from .preflight import PreflightHook

__all__ = [
    'BestCheckpointLinkHook',
    'BrokenFilesHook',
    'FoldBatchNormsHook',
    'MotionVisualizationHook',
    'PreflightHook',
    'check_classes',
    'check_frames',
]
