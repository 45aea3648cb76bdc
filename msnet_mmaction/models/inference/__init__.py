"""What a model optimised for inference is made of, and how it is made: explicit, a copy."""

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
