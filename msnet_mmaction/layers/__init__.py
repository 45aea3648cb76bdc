"""Layers that a backbone can be given; registered in mmaction2's ``MODELS``."""

from .clip import ClipLayer
from .displacement import KernelSoftArgmax, SoftArgmax
from .fusions import AddFusion, ConcatFusion, MotionOnlyFusion, MultiplyFusion
from .motion_field import EstimatesMotion, MotionField, motion_layers, record_motion
from .motion_squeeze import MotionSqueeze
from .transforms import ConvTransform, DepthwiseSeparableTransform

__all__ = [
    'AddFusion',
    'ClipLayer',
    'ConcatFusion',
    'ConvTransform',
    'DepthwiseSeparableTransform',
    'EstimatesMotion',
    'KernelSoftArgmax',
    'MotionField',
    'MotionOnlyFusion',
    'MotionSqueeze',
    'MultiplyFusion',
    'SoftArgmax',
    'motion_layers',
    'record_motion',
]
