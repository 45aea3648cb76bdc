"""The temporal shift as an operator of torch, ``msnet_mmaction::temporal_shift``."""

from typing import Any

import torch
from torch import Tensor


def write_shifted(
    source: Tensor, out: Tensor, num_segments: int, fold: int, reverse: bool = False
) -> None:
    """Write the shifted channels, the first ``2 * fold``.

    Args:
        source: (N*T, C, H, W) with C >= 2 * fold.
        out: Tensor to write to, (N*T, C', H, W) with C' >= 2 * fold. It must not share memory with
            ``source``.
        num_segments: T, the frames of a clip.
        fold: Number of channels that are shifted each way.
        reverse: Shift the other way.
    """
    # Views: splitting the batch keeps any memory format, channels_last too.
    source, out = source.unflatten(0, (-1, num_segments)), out.unflatten(0, (-1, num_segments))
    first, second = slice(fold), slice(fold, 2 * fold)
    from_next, from_previous = (second, first) if reverse else (first, second)
    out[:, :-1, from_next] = source[:, 1:, from_next]
    out[:, -1, from_next] = 0
    out[:, 1:, from_previous] = source[:, :-1, from_previous]
    out[:, 0, from_previous] = 0


@torch.library.custom_op('msnet_mmaction::temporal_shift', mutates_args=())
def temporal_shift_op(x: Tensor, num_segments: int, fold: int, reverse: bool) -> Tensor:
    """Shift the first ``fold`` channels to the previous frame, the next ``fold`` to the next one.

    Args:
        x: (N*T, C, H, W).
        num_segments: T, the frames of a clip.
        fold: Number of channels that are shifted each way.
        reverse: Shift the other way, which is the gradient.
    """
    # In channels_last, a copy of the whole tensor and of two slices over it is much faster than
    # copies of three slices.
    out = x.clone()
    write_shifted(x, out, num_segments, fold, reverse)
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
