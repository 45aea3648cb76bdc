"""I3D: BN-Inception inflated to three dimensions (Figure 7)."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from mmaction.registry import MODELS
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule, Sequential
from torch import Tensor, nn

#: Channels of the nine Inception modules (Szegedy et al., Going Deeper with Convolutions, CVPR
#: 2015, Table 1): 1 x 1; reduction to, and 3 x 3; reduction to, and 5 x 5, which I3D has as
#: 3 x 3 x 3; after the pooling.
_INCEPTION = {
    'inc_a': (64, 96, 128, 16, 32, 32),
    'inc_b': (128, 128, 192, 32, 96, 64),
    'inc_c': (192, 96, 208, 16, 48, 64),
    'inc_d': (160, 112, 224, 24, 64, 64),
    'inc_e': (128, 128, 256, 24, 64, 64),
    'inc_f': (112, 144, 288, 32, 64, 64),
    'inc_g': (256, 160, 320, 32, 128, 128),
    'inc_h': (256, 160, 320, 32, 128, 128),
    'inc_i': (384, 192, 384, 48, 128, 128),
}


def _conv(
    in_channels: int,
    out_channels: int,
    kernel_size: Sequence[int] = (1, 1, 1),
    stride: Sequence[int] = (1, 1, 1),
) -> ConvModule:
    """Convolution, batch norm and ReLU, padded so that only the stride changes the size."""
    return ConvModule(
        in_channels,
        out_channels,
        tuple(kernel_size),
        stride=tuple(stride),
        padding=tuple(size // 2 for size in kernel_size),
        conv_cfg=dict(type='Conv3d'),
        norm_cfg=dict(type='BN3d'),
    )


class Inception(BaseModule):
    """The 3D Inception module (Figure 7a), (N, C, T, H, W) to (N, C', T, H, W).

    Args:
        in_channels: C, the channels of the input.
        widths: Channels of the branches, in the order of ``_INCEPTION``.
    """

    def __init__(self, in_channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        single, reduced1, wide1, reduced2, wide2, pooled = widths
        self.branches = nn.ModuleList(
            [
                _conv(in_channels, single),
                nn.Sequential(_conv(in_channels, reduced1), _conv(reduced1, wide1, (3, 3, 3))),
                nn.Sequential(_conv(in_channels, reduced2), _conv(reduced2, wide2, (3, 3, 3))),
                nn.Sequential(nn.MaxPool3d(3, 1, padding=1), _conv(in_channels, pooled)),
            ]
        )
        self.out_channels = single + wide1 + wide2 + pooled

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T, H, W) to (N, C', T, H, W)."""
        return torch.cat([branch(x) for branch in self.branches], dim=1)


@MODELS.register_module()
class InceptionI3D(Sequential):
    """I3D (Carreira, Zisserman, CVPR 2017, Figure 3) as the paper has it (Figure 7b).

    ::

        conv1 ─ pool1 ─ conv2 ─ conv3 ─ pool2 ─ inc_a ─ inc_b ─ pool3 ─ inc_c … inc_g ─ pool4 ─
        inc_h ─ inc_i

    "BN-Inception" is Inception-v1 with batch norms, as in I3D. The modules have the letters of
    Figure 7b, a to i. For clips of 8 frames the first kernel is 1 x 7 x 7 instead of 7 x 7 x 7 and,
    as in Table 9, its stride along time is 1. The paper's text gives only the size of the kernel
    and "Inc(b)". The letter of each module and the stride are our interpretation: inc_b is the last
    module at 28 x 28, the resolution of all MS modules of the paper.

    An input of 8 x 224 x 224 becomes 8 x 28 x 28 at ``inc_b`` (480 channels) and 2 x 7 x 7 at the
    end (1024 channels).

    Args:
        in_channels: Channels of the frames.
        init_cfg: Initialisation, see mmengine's ``BaseModule``.
    """

    def __init__(self, in_channels: int = 3, init_cfg: dict | list[dict] | None = None) -> None:
        # Pooling after some modules. pool4 rounds sizes up, so that no frame is lost.
        pools = {
            'inc_b': ('pool3', nn.MaxPool3d(3, 2, padding=1)),
            'inc_g': ('pool4', nn.MaxPool3d(2, 2, ceil_mode=True)),
        }
        parts: OrderedDict[str, nn.Module] = OrderedDict(
            conv1=_conv(in_channels, 64, (1, 7, 7), (1, 2, 2)),
            pool1=nn.MaxPool3d((1, 3, 3), (1, 2, 2), padding=(0, 1, 1)),
            conv2=_conv(64, 64),
            conv3=_conv(64, 192, (3, 3, 3)),
            pool2=nn.MaxPool3d((1, 3, 3), (1, 2, 2), padding=(0, 1, 1)),
        )
        channels = 192
        for name, widths in _INCEPTION.items():
            module = parts[name] = Inception(channels, widths)
            channels = module.out_channels
            if name in pools:
                pool_name, pool = pools[name]
                parts[pool_name] = pool
        super().__init__(parts, init_cfg=init_cfg)
