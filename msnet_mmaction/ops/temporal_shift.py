"""The temporal shift of TSM (Lin et al., ICCV 2019), copying each value once."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .backends import is_exporting


@torch.library.custom_op('msnet_mmaction::temporal_shift', mutates_args=())
def temporal_shift_op(x: Tensor, num_segments: int, fold: int, reverse: bool) -> Tensor:
    """Shift the first ``fold`` channels to the previous frame, the second to the next.

    Args:
        x: (N*T, C, H, W).
        num_segments: T.
        fold: Number of channels that are shifted each way.
        reverse: Shift the other way, which is the gradient.
    """
    out = torch.empty_like(x)
    # Views: splitting the batch keeps any memory format, channels_last too.
    source, shifted = x.unflatten(0, (-1, num_segments)), out.unflatten(0, (-1, num_segments))
    first, second = slice(fold), slice(fold, 2 * fold)
    from_next, from_previous = (second, first) if reverse else (first, second)
    shifted[:, :-1, from_next] = source[:, 1:, from_next]
    shifted[:, -1, from_next] = 0
    shifted[:, 1:, from_previous] = source[:, :-1, from_previous]
    shifted[:, 0, from_previous] = 0
    shifted[:, :, 2 * fold :] = source[:, :, 2 * fold :]
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


def _exportable(x: Tensor, num_segments: int, fold: int) -> Tensor:
    """The same in operations that every exporter knows."""
    clip = x.unflatten(0, (-1, num_segments))
    from_next = F.pad(clip[:, 1:, :fold], (0, 0, 0, 0, 0, 0, 0, 1))
    from_previous = F.pad(clip[:, :-1, fold : 2 * fold], (0, 0, 0, 0, 0, 0, 1, 0))
    return torch.cat([from_next, from_previous, clip[:, :, 2 * fold :]], dim=2).flatten(0, 1)


def temporal_shift(x: Tensor, num_segments: int, shift_div: int = 8) -> Tensor:
    """Shift parts of the channels along time; zeros enter at the ends.

    The first C / shift_div channels of a frame come from the next frame, the second from the
    previous one, the rest stays.

    Args:
        x: (N*T, C, H, W), of any memory format, which the result has too.
        num_segments: T, the frames of a clip.
        shift_div: Inverse of the share of channels that each direction takes.

    Returns:
        (N*T, C, H, W).

    Raises:
        ValueError: If the frames are no multiple of ``num_segments``.
    """
    if x.shape[0] % num_segments:
        raise ValueError(
            f'temporal_shift() got {x.shape[0]} frames, which is not a multiple of {num_segments=}'
        )
    fold = x.shape[1] // shift_div
    if is_exporting():
        return _exportable(x, num_segments, fold)
    return temporal_shift_op(x, num_segments, fold, False)
