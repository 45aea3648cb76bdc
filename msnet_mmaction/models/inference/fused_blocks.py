"""Residual blocks whose last convolution adds the identity while it writes."""

from collections.abc import Sequence

from torch import Tensor, nn

from .fused_conv import FusedConv, InferenceOnly


class FusedResidualBlock(InferenceOnly):
    """``relu(last(... first(x)) + downsample(x))``.

    Args:
        convs: Those that follow each other.
        downsample: What makes the identity of the input; None for the input itself.
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
