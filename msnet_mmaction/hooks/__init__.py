"""Hooks of a run; registered in mmaction2's ``HOOKS``."""

from .broken_files import BrokenFilesHook
from .fold_batch_norms import FoldBatchNormsHook
from .preflight import CheckpointError, PreflightHook, check_checkpoint, check_frames

__all__ = [
    'BrokenFilesHook',
    'CheckpointError',
    'FoldBatchNormsHook',
    'PreflightHook',
    'check_checkpoint',
    'check_frames',
]
