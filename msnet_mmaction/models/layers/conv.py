"""The convolution block of the layers."""

from torch import Tensor, nn


class ClampReLU(nn.Module):
    """ReLU whose derivative at 0 is 1, so that a block whose output is exactly 0 can be trained."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same shape."""
        return x.clamp(min=0)


class ConvNormReLU(nn.Sequential):
    """Convolution, batch normalisation, ReLU; "same" padding, stride 1.

    It is not an mmcv ``ConvModule``: mmaction2's ResNets look for the weights of every
    ``ConvModule`` below them in an ImageNet checkpoint, which has none of a motion layer.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: Side of the kernel; odd.
        groups: Groups of channels; ``in_channels`` for a depth-wise convolution.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            padding=kernel_size // 2,
            groups=groups,
            bias=False,
        )
        self.bn = nn.BatchNorm2d(out_channels)
        self.relu: nn.Module = nn.ReLU(inplace=True)
        nn.init.kaiming_normal_(self.conv.weight, mode='fan_out', nonlinearity='relu')
