"""The one convolution block that the layers are made of."""

from torch import Tensor, nn


class ClampReLU(nn.Module):
    """ReLU whose derivative at 0 is 1: what starts at exactly zero can learn to leave it."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same."""
        return x.clamp(min=0)


class ConvNormReLU(nn.Sequential):
    """Convolution, batch normalisation, ReLU; "same" padding, no stride.

    Plain torch modules on purpose: mmaction2's ResNets look every mmcv ``ConvModule`` below them
    up in an ImageNet checkpoint, where a motion layer is not to be found.

    Args:
        in_channels: Channels in.
        out_channels: Channels out.
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
        self.relu = nn.ReLU(inplace=True)
        nn.init.kaiming_normal_(self.conv.weight, mode='fan_out', nonlinearity='relu')
