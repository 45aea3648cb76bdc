"""Errors of the motion that a network estimates, with TV-L1 optical flow for comparison."""

from .errors import Errors, angular_error, endpoint_error
from .measure import Quality, quality_on_footage, quality_on_generated
from .optical_flow import forward_backward_consistent, tvl1_flow
from .report import quality_figure, quality_table

__all__ = [
    'Errors',
    'Quality',
    'angular_error',
    'endpoint_error',
    'forward_backward_consistent',
    'quality_figure',
    'quality_on_footage',
    'quality_on_generated',
    'quality_table',
    'tvl1_flow',
]
