"""Functions of tensors: no parameters, no registry."""

from .matching.backends import available_backends, choose_backend
from .matching.functional import Matching, match, normalize_features
from .nearest import nearest_in_other_frames
from .temporal_shift.functional import shifted_in_place, temporal_shift
from .torch_features import HAS_CUSTOM_OPS

if HAS_CUSTOM_OPS:
    from .matching import flops  # noqa: F401  (registers the operator with FLOPs counters)

__all__ = [
    'Matching',
    'available_backends',
    'choose_backend',
    'match',
    'nearest_in_other_frames',
    'normalize_features',
    'shifted_in_place',
    'temporal_shift',
]
