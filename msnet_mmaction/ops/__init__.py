"""Functions of tensors: no parameters, no registry."""

from .matching import Matching, match, normalize_features

__all__ = ['Matching', 'match', 'normalize_features']
