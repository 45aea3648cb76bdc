"""First convolution and pooling of mmaction2's ResNets, one frame at a time."""

import torch
from torch import Tensor, nn

from ...ops.torch_features import is_exporting
from .fused_conv import FusedConv, InferenceOnly


class FusedStem(InferenceOnly):
    """``pool(conv(x))`` with a maximum over 3 x 3 positions, stride 2, padding 1.

    The output of the convolution is the largest tensor of a ResNet, four times as large as that of
    the pooling. On a CPU it is computed frame by frame, so that it stays in the cache.

    Args:
        conv: Convolution, batch norm and ReLU.
        pool: The pooling; :meth:`fits` must hold for it.
    """

    def __init__(self, conv: FusedConv, pool: nn.MaxPool2d) -> None:
        super().__init__()
        self.conv = conv
        self.pool = pool
        self.eval()

    @staticmethod
    def fits(pool: nn.MaxPool2d) -> bool:
        """Whether a pooling is a maximum over 3 x 3 positions, stride 2, padding 1."""
        arguments = pool.kernel_size, pool.stride, pool.padding, pool.dilation
        return arguments == (3, 2, 1, 1) and not pool.ceil_mode and not pool.return_indices

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, C, H', W')."""
        whole = x.device.type != 'cpu' or x.requires_grad or x.numel() == 0
        # A loop over the frames would be exported with their number.
        if whole or is_exporting():
            return self.pool(self.conv(x))
        first = pool_maximum(self.conv(x[:1]))
        out = torch.empty(
            (len(x), *first.shape[1:]), dtype=first.dtype, memory_format=_memory_format(first)
        )
        out[0] = first[0]
        for i in range(1, len(x)):
            out[i] = pool_maximum(self.conv(x[i : i + 1]))[0]
        return out


def pool_maximum(x: Tensor) -> Tensor:
    """Maximum over 3 x 3 positions, stride 2, padding 1, (N, C, H, W) to (N, C, H', W').

    It is faster than ``F.max_pool2d``, which also writes the int64 indices of the maxima.
    """
    return _pool_along(3, _pool_along(2, x))


def _pool_along(dim: int, x: Tensor) -> Tensor:
    """Maximum of the positions 2i - 1, 2i and 2i + 1 along a dimension, in the layout of ``x``."""
    even, odd = _every_second(x, dim, 0), _every_second(x, dim, 1)
    out = even.clone(memory_format=_memory_format(x))
    below, above = out.narrow(dim, 0, odd.shape[dim]), out.narrow(dim, 1, out.shape[dim] - 1)
    torch.maximum(below, odd, out=below)
    torch.maximum(above, odd.narrow(dim, 0, above.shape[dim]), out=above)
    return out


def _every_second(x: Tensor, dim: int, first: int) -> Tensor:
    return x[(slice(None),) * dim + (slice(first, None, 2),)]


def _memory_format(x: Tensor) -> torch.memory_format:
    channels_last = x.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if channels_last else torch.contiguous_format
