"""Residual blocks whose last convolution also adds the identity."""

from collections.abc import Sequence

from torch import Tensor, nn

from .fused_conv import FusedConv, InferenceOnly


class FusedResidualBlock(InferenceOnly):
    """``relu(last(... first(x)) + downsample(x))``.

    Args:
        convs: The convolutions, in their order.
        downsample: Module from the input to the identity; None if the identity is the input.
    """

    def __init__(self, convs: Sequence[FusedConv], downsample: nn.Module | None) -> None:
        super().__init__()
        *first, last = convs
        self.convs = nn.Sequential(*first)
        self.last = last
        self.last.activation = 'relu'
        self.downsample = downsample
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C', H', W')."""
        identity = x if self.downsample is None else self.downsample(x)
        return self.last(self.convs(x), identity)
