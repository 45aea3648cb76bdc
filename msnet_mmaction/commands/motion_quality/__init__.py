"""How true the motion is that a network finds: errors, and TV-L1 to compare it with."""

from .errors import Errors, angular_error, endpoint_error
from .measure import Quality, quality_on_footage, quality_on_generated
from .optical_flow import consistent, tvl1_flow
from .report import quality_figure, quality_table

__all__ = [
    'Errors',
    'Quality',
    'angular_error',
    'consistent',
    'endpoint_error',
    'quality_figure',
    'quality_on_footage',
    'quality_on_generated',
    'quality_table',
    'tvl1_flow',
]
