"""The temporal shift of TSM (Lin et al., ICCV 2019), copying each value once."""

import torch
from torch import Tensor


class _Shift(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, num_segments: int, fold: int, reverse: bool) -> Tensor:
        ctx.arguments = num_segments, fold, reverse
        out = torch.empty_like(x)
        # Views: splitting the batch keeps any memory format, channels_last too.
        source, shifted = x.unflatten(0, (-1, num_segments)), out.unflatten(0, (-1, num_segments))
        from_next = slice(fold, 2 * fold) if reverse else slice(fold)
        from_previous = slice(fold) if reverse else slice(fold, 2 * fold)
        shifted[:, :-1, from_next] = source[:, 1:, from_next]
        shifted[:, -1, from_next] = 0
        shifted[:, 1:, from_previous] = source[:, :-1, from_previous]
        shifted[:, 0, from_previous] = 0
        shifted[:, :, 2 * fold :] = source[:, :, 2 * fold :]
        return out

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, None, None, None]:
        num_segments, fold, reverse = ctx.arguments
        return _Shift.apply(grad, num_segments, fold, not reverse), None, None, None


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
    return _Shift.apply(x, num_segments, x.shape[1] // shift_div, False)
