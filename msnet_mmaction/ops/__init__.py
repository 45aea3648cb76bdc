"""Functions of tensors: no parameters, no registry."""

from .matching import Matching, match, normalize_features
from .temporal_shift import temporal_shift

__all__ = ['Matching', 'match', 'normalize_features', 'temporal_shift']
