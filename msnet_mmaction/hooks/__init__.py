"""Hooks of a run; registered in mmaction2's ``HOOKS``."""

from .preflight import CheckpointError, PreflightHook, check_checkpoint, check_frames

__all__ = ['CheckpointError', 'PreflightHook', 'check_checkpoint', 'check_frames']
