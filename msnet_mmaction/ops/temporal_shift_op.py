"""The temporal shift as an operator of torch, ``msnet_mmaction::temporal_shift``."""

from typing import Any

import torch
from torch import Tensor


@torch.library.custom_op('msnet_mmaction::temporal_shift', mutates_args=())
def temporal_shift_op(x: Tensor, num_segments: int, fold: int, reverse: bool) -> Tensor:
    """Shift the first ``fold`` channels to the previous frame, the second to the next.

    Args:
        x: (N*T, C, H, W).
        num_segments: T.
        fold: Number of channels that are shifted each way.
        reverse: Shift the other way, which is the gradient.
    """
    # In channels_last a copy of everything, and of two slices over it, is much faster than three
    # copies of slices.
    out = x.clone()
    # Views: splitting the batch keeps any memory format, channels_last too.
    source, shifted = x.unflatten(0, (-1, num_segments)), out.unflatten(0, (-1, num_segments))
    first, second = slice(fold), slice(fold, 2 * fold)
    from_next, from_previous = (second, first) if reverse else (first, second)
    shifted[:, :-1, from_next] = source[:, 1:, from_next]
    shifted[:, -1, from_next] = 0
    shifted[:, 1:, from_previous] = source[:, :-1, from_previous]
    shifted[:, 0, from_previous] = 0
    return out


@temporal_shift_op.register_fake
def _(x: Tensor, num_segments: int, fold: int, reverse: bool) -> Tensor:
    return torch.empty_like(x)


def _setup_context(ctx: Any, inputs: tuple, output: Tensor) -> None:
    ctx.arguments = inputs[1:]


def _backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
    num_segments, fold, reverse = ctx.arguments
    return temporal_shift_op(grad, num_segments, fold, not reverse), None, None, None


temporal_shift_op.register_autograd(_backward, setup_context=_setup_context)
