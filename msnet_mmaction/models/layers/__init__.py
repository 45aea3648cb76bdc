"""Layers that a backbone can be given; registered in mmaction2's ``MODELS``."""

from .clip import ClipLayer
from .correspondence_proposal import CorrespondenceProposal
from .displacement import KernelSoftArgmax, SoftArgmax
from .fusions import AddFusion, ConcatFusion, MotionOnlyFusion, MultiplyFusion
from .motion_recording import EstimatesMotion, fields_of_clip, motion_layers, record_motion
from .motion_squeeze import MotionSqueeze
from .representation_flow import RepresentationFlow
from .transforms import ConvTransform, DepthwiseSeparableTransform

__all__ = [
    'AddFusion',
    'ClipLayer',
    'ConcatFusion',
    'ConvTransform',
    'CorrespondenceProposal',
    'DepthwiseSeparableTransform',
    'EstimatesMotion',
    'KernelSoftArgmax',
    'MotionOnlyFusion',
    'MotionSqueeze',
    'MultiplyFusion',
    'RepresentationFlow',
    'SoftArgmax',
    'fields_of_clip',
    'motion_layers',
    'record_motion',
]
