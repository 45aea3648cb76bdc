"""Fusion of motion features M with the features F of a stage: Eq. 6 and Table 5.

Each fusion takes F and M, both (N, C, H, W), and returns (N, C, H, W).
"""

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn


class _Fusion(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.out_channels = in_channels


@MODELS.register_module()
class AddFusion(_Fusion):
    """F + M (Eq. 6): the paper's default.

    Example:
        >>> import torch
        >>> from msnet_mmaction import AddFusion
        >>> features, motion = torch.ones(2, 1, 64, 14, 14)
        >>> AddFusion(in_channels=64)(features, motion).unique()
        tensor([2.])

    Args:
        in_channels: C, the channels of features and motion.
    """

    def forward(self, features: Tensor, motion: Tensor) -> Tensor:
        """Add."""
        return features + motion


@MODELS.register_module()
class MultiplyFusion(_Fusion):
    """F * M, element by element ("multiply").

    Example:
        >>> import torch
        >>> from msnet_mmaction import MultiplyFusion
        >>> features, motion = torch.full((2, 1, 64, 14, 14), 3.0)
        >>> MultiplyFusion(in_channels=64)(features, motion).unique()
        tensor([9.])

    Args:
        in_channels: C, the channels of features and motion.
    """

    def forward(self, features: Tensor, motion: Tensor) -> Tensor:
        """Multiply."""
        return features * motion


@MODELS.register_module()
class MotionOnlyFusion(_Fusion):
    """M alone ("MS only").

    Example:
        >>> import torch
        >>> from msnet_mmaction import MotionOnlyFusion
        >>> features, motion = torch.ones(1, 64, 14, 14), torch.zeros(1, 64, 14, 14)
        >>> MotionOnlyFusion(in_channels=64)(features, motion) is motion
        True

    Args:
        in_channels: C, the channels of features and motion.
    """

    def forward(self, features: Tensor, motion: Tensor) -> Tensor:
        """Return the motion."""
        return motion


@MODELS.register_module()
class ConcatFusion(_Fusion):
    """``conv([F, M])``, a 1 x 1 convolution from 2C to C channels ("concat").

    Example:
        >>> import torch
        >>> from msnet_mmaction import ConcatFusion
        >>> features, motion = torch.randn(2, 1, 64, 14, 14)
        >>> tuple(ConcatFusion(in_channels=64)(features, motion).shape)
        (1, 64, 14, 14)

    Args:
        in_channels: C, the channels of features and motion.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__(in_channels)
        self.project = nn.Conv2d(2 * in_channels, in_channels, 1)
        nn.init.kaiming_normal_(self.project.weight, mode='fan_out', nonlinearity='relu')
        assert self.project.bias is not None
        nn.init.zeros_(self.project.bias)

    def forward(self, features: Tensor, motion: Tensor) -> Tensor:
        """Concatenate and project."""
        return self.project(torch.cat([features, motion], dim=1))
