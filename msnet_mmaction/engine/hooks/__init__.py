"""Hooks of a run; registered in mmaction2's ``HOOKS``."""

from ..checks import check_classes, check_frames
from .best_checkpoint import BestCheckpointLinkHook
from .broken_files import BrokenFilesHook
from .checkpoint import SafeCheckpointHook
from .interruption import InterruptionHook
from .motion_visualization import MotionVisualizationHook
from .non_finite import NonFiniteLossError, NonFiniteLossHook
from .optimize_for_inference import OptimizeForInferenceHook
from .preflight import PreflightHook
from .random_states import RandomStatesHook

__all__ = [
    'BestCheckpointLinkHook',
    'BrokenFilesHook',
    'InterruptionHook',
    'MotionVisualizationHook',
    'NonFiniteLossError',
    'NonFiniteLossHook',
    'OptimizeForInferenceHook',
    'PreflightHook',
    'RandomStatesHook',
    'SafeCheckpointHook',
    'check_classes',
    'check_frames',
]
