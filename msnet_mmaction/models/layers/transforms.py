"""Feature transformation: displacement and confidence to motion features (Section 3.1, Table 7)."""

from collections.abc import Sequence
from itertools import pairwise

from mmaction.registry import MODELS
from torch import nn

from .conv import ConvNormReLU


def _chain(in_channels: int, widths: Sequence[int], out_channels: int) -> list[tuple[int, int]]:
    """Pairs of (channels in, channels out) of consecutive layers."""
    channels = [in_channels, *widths, out_channels]
    return list(pairwise(channels))


class DepthwiseSeparableConv(nn.Sequential):
    """Depth-wise, then point-wise convolution, each with batch normalisation and ReLU."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.depthwise = ConvNormReLU(in_channels, in_channels, kernel_size, groups=in_channels)
        self.pointwise = ConvNormReLU(in_channels, out_channels)


@MODELS.register_module()
class DepthwiseSeparableTransform(nn.Sequential):
    """The paper's transform: four depth-wise separable layers.

    Each layer, with its kernel size k, is::

        x = relu(norm(depthwise(x)))      k x k, each channel by itself
        x = relu(norm(pointwise(x)))      1 x 1, to the next width

    Example:
        >>> import torch
        >>> from msnet_mmaction import DepthwiseSeparableTransform
        >>> transform = DepthwiseSeparableTransform(in_channels=3, out_channels=64)
        >>> tuple(transform(torch.randn(8, 3, 14, 14)).shape)
        (8, 64, 14, 14)

    Args:
        in_channels: Channels of the displacement tensor: 3, or 6 with backward displacement.
        out_channels: C, the channels of the features that the motion is fused with.
        widths: Channels after each layer but the last.
        kernel_sizes: Side of each layer's depth-wise kernel.

    Raises:
        ValueError: If there are not as many kernel sizes as layers.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        widths: Sequence[int] = (16, 32, 64),
        kernel_sizes: Sequence[int] = (7, 3, 3, 3),
    ) -> None:
        chain = _chain(in_channels, widths, out_channels)
        if len(chain) != len(kernel_sizes):
            raise ValueError(
                f'DepthwiseSeparableTransform needs one kernel size a layer: {len(chain)} layers '
                f'({widths=} and the last), {kernel_sizes=}'
            )
        super().__init__(
            *(
                DepthwiseSeparableConv(*channels, kernel_size)
                for channels, kernel_size in zip(chain, kernel_sizes, strict=True)
            )
        )
        self.out_channels = out_channels


@MODELS.register_module()
class ConvTransform(nn.Sequential):
    """Standard convolutions, n x (k, k) of Table 7: ``relu(norm(conv(x)))``, n times.

    Example:
        >>> import torch
        >>> from msnet_mmaction import ConvTransform
        >>> transform = ConvTransform(in_channels=3, out_channels=64, kernel_size=3)
        >>> tuple(transform(torch.randn(8, 3, 14, 14)).shape)
        (8, 64, 14, 14)

    Args:
        in_channels: Channels of the displacement tensor.
        out_channels: C, the channels of the features that the motion is fused with.
        widths: Channels after each layer but the last; empty for a single layer.
        kernel_size: Side of every kernel.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        widths: Sequence[int] = (),
        kernel_size: int = 1,
    ) -> None:
        chain = _chain(in_channels, widths, out_channels)
        super().__init__(*(ConvNormReLU(*channels, kernel_size) for channels in chain))
        self.out_channels = out_channels
