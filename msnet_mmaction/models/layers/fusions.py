"""How motion features join the appearance features: Eq. 6 and Table 5.

Each takes the features and the motion, both (N, C, H, W), and returns (N, C, H, W).
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
    """F + M (Eq. 6): the paper's default."""

    def forward(self, features: Tensor, motion: Tensor) -> Tensor:
        """Add."""
        return features + motion


@MODELS.register_module()
class MultiplyFusion(_Fusion):
    """F * M, element by element ("multiply")."""

    def forward(self, features: Tensor, motion: Tensor) -> Tensor:
        """Multiply."""
        return features * motion


@MODELS.register_module()
class MotionOnlyFusion(_Fusion):
    """M alone ("MS only"): the appearance is not passed on."""

    def forward(self, features: Tensor, motion: Tensor) -> Tensor:
        """Drop the features."""
        return motion


@MODELS.register_module()
class ConcatFusion(_Fusion):
    """[F, M] brought back to C channels by a 1 x 1 convolution ("concat")."""

    def __init__(self, in_channels: int) -> None:
        super().__init__(in_channels)
        self.project = nn.Conv2d(2 * in_channels, in_channels, 1)
        nn.init.kaiming_normal_(self.project.weight, mode='fan_out', nonlinearity='relu')
        nn.init.zeros_(self.project.bias)

    def forward(self, features: Tensor, motion: Tensor) -> Tensor:
        """Concatenate and project."""
        return self.project(torch.cat([features, motion], dim=1))
