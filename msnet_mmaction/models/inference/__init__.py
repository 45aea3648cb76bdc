"""Fused modules for inference, and the function that makes a copy of a model with them."""

from .fused_blocks import FusedResidualBlock
from .fused_conv import FusedConv, FusedShiftConv
from .fused_stem import FusedStem
from .optimize import optimize_for_inference

__all__ = [
    'FusedConv',
    'FusedResidualBlock',
    'FusedShiftConv',
    'FusedStem',
    'optimize_for_inference',
]
