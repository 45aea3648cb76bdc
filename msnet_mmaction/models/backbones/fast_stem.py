"""The beginning of mmaction2's ResNets: what its convolution writes is pooled while in the cache.

That is the largest tensor of the network, four times what pooling leaves of it. In inference on a
CPU it is never whole.
"""

import torch
from mmcv.cnn import ConvModule
from torch import Tensor, nn

from .fast_blocks import can_fuse, fused_conv


def stem(conv: ConvModule, pool: nn.MaxPool2d, x: Tensor) -> Tensor:
    """``pool(conv(x))``, a frame at a time where :func:`.can_fuse` says so.

    Args:
        conv: Convolution, batch norm and ReLU.
        pool: Maximum of neighbouring positions.
        x: (N, 3, H, W).

    Returns:
        (N, C, H', W').
    """
    if not (can_fuse(x, conv, pool) and _is_usual(pool)):
        return pool(conv(x))
    out = None
    for i in range(len(x)):
        convolved = fused_conv(conv, x[i : i + 1])
        if out is None:
            out = _pooled_like(convolved, len(x))
        _pool(convolved, out[i : i + 1])
        # Before the next one needs its memory.
        del convolved
    return out


def _is_usual(pool: nn.MaxPool2d) -> bool:
    arguments = pool.kernel_size, pool.stride, pool.padding, pool.dilation
    return (
        type(pool) is nn.MaxPool2d
        and arguments == (3, 2, 1, 1)
        and not pool.ceil_mode
        and not pool.return_indices
    )


def _pooled_like(x: Tensor, frames: int) -> Tensor:
    """Memory for ``frames`` times what :func:`_pool` makes of a frame."""
    channels, height, width = x.shape[1:]
    channels_last = x.is_contiguous(memory_format=torch.channels_last)
    return torch.empty(
        (frames, channels, -(-height // 2), -(-width // 2)),
        dtype=x.dtype,
        memory_format=torch.channels_last if channels_last else torch.contiguous_format,
    )


def _pool(x: Tensor, out: Tensor) -> None:
    """Maximum of 3 x 3 positions, every second one, into ``out``; ``x`` is overwritten.

    torch's own notes where each maximum is, in numbers of 8 bytes.
    """
    rows = x[:, :, ::2]
    _pool_along(2, x, rows)
    _pool_along(3, rows, out)


def _pool_along(dim: int, x: Tensor, out: Tensor) -> None:
    """Maximum of the positions 2i - 1, 2i and 2i + 1 along a dimension."""
    x, out = x.transpose(0, dim), out.transpose(0, dim)
    even, odd = x[::2], x[1::2]
    torch.maximum(even[: len(odd)], odd, out=out[: len(odd)])
    out[len(odd) :] = even[len(odd) :]
    torch.maximum(out[1:], odd[: len(out) - 1], out=out[1:])
