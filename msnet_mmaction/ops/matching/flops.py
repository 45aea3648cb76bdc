"""Matching in FLOPs counters: N * H * W * C * P * P multiply-adds.

Importing this module registers the operator with two counters: mmengine's, which mmaction2's
``get_flops.py`` uses and which counts a multiply-add as one, and torch's ``FlopCounterMode``, which
counts it as two. Both count the operations of the definition, not those of a backend.
"""

import math
from typing import Any

import torch
from mmengine.analysis import complexity_analysis
from mmengine.analysis.jit_handles import generic_activation_jit
from torch.utils.flop_counter import register_flop_formula

from . import operator as matching_op  # noqa: F401  (defines the operators)


def matching_macs(shape: tuple[int, ...], max_displacement: int) -> int:
    """Multiply-adds of one matching of features of ``shape`` (N, C, H, W)."""
    return math.prod(shape) * (2 * max_displacement + 1) ** 2


def _count_traced(inputs: list[Any], outputs: list[Any]) -> int:
    """Handle of mmengine: inputs and outputs are values of a traced graph."""
    return matching_macs(inputs[0].type().sizes(), inputs[2].toIValue())


# mmengine has no public way to add a counter for all analyses.
complexity_analysis._DEFAULT_SUPPORTED_FLOP_OPS['msnet_mmaction::match'] = _count_traced
complexity_analysis._DEFAULT_SUPPORTED_ACT_OPS['msnet_mmaction::match'] = generic_activation_jit()


@register_flop_formula(torch.ops.msnet_mmaction.match)
def _count_forward(
    source: tuple[int, ...], target: tuple[int, ...], max_displacement: int, *_: Any, **__: Any
) -> int:
    return 2 * matching_macs(source, max_displacement)


@register_flop_formula(torch.ops.msnet_mmaction.match_backward)
def _count_backward(*arguments: Any, **_: Any) -> int:
    # One product for the gradient of each frame. The definition does not compute the scores again.
    source, max_displacement = arguments[2], arguments[8]
    return 2 * 2 * matching_macs(source, max_displacement)
