"""Hooks of a run; registered in mmaction2's ``HOOKS``."""

from .fold_batch_norms import FoldBatchNormsHook
from .preflight import CheckpointError, PreflightHook, check_checkpoint, check_frames

__all__ = [
    'CheckpointError',
    'FoldBatchNormsHook',
    'PreflightHook',
    'check_checkpoint',
    'check_frames',
]
