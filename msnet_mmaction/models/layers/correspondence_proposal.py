"""The CP module, which Table 8 compares with MotionSqueeze.

Xingyu Liu, Joon-Young Lee, Hailin Jin: Learning Video Representations from Correspondence
Proposals, CVPR 2019. Kwon et al. write that they ported "the official Tensorflow code". This
module takes from that code (github.com/xingyul/cpnet, ``utils/net_utils.py`` and
``models/c2d_resnet18_cp_224.py``):

- the L2 distance of the features, not normalised, k = 8, without the own frame;
- the input of the embedding: relative position (t, y, x, each divided by its size), feature,
  neighbour;
- widths C / 4 and C / 2 of the embedding, each with batch norm and ReLU, the maximum over the k
  neighbours, a last 1 x 1 convolution to C, whose batch norm starts with a weight of 0;
- the sum with the features.

Two things differ. In that code, a module is inside each residual block of res3 and res4, before the
last ReLU, and features of 28 x 28 positions are resized to 14 x 14. Table 8 has one module after
the third stage, and its 5.8 G FLOPs are those of the full resolution. Biases before batch norms
have no effect and are left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from ...ops import nearest_in_other_frames
from .clip import ClipLayer
from .conv import ConvNormReLU


@MODELS.register_module()
class CorrespondenceProposal(ClipLayer):
    """Enrich the features of a clip with their correspondences in other frames.

    ::

        x ── k nearest in other frames ── [position, x, neighbour] ── MLP ── max ── C ──┐
        └─────────────────────────────────────────────────────────────────────────── sum ── out

    With the feature f at a position p = (t, y, x) and its k nearest features g at q in other
    frames::

        out(p) = f + norm(conv(max over q of MLP([q - p, f, g])))

    The norm starts with a weight of 0, and so the layer as the identity.

    Example:
        >>> import torch
        >>> from msnet_mmaction import CorrespondenceProposal
        >>> layer = CorrespondenceProposal(in_channels=32, num_segments=4, k=2)
        >>> x = torch.randn(8, 32, 7, 7)
        >>> bool((layer(x) == x).all())
        True

    Args:
        in_channels: C, the channels of the stage that the layer follows.
        num_segments: T, the frames of a clip, for 2D networks.
        k: Number of neighbours of each feature.
        widths: Channels after each layer of the embedding; by default C / 4 and C / 2.
        init_cfg: Initialisation, see mmengine's ``BaseModule``.
        channels_last: Whether the stage puts out its channels last, see :class:`.ClipLayer`.
        tokens: How the stage lays out tokens, see :class:`.ClipLayer`.
    """

    def __init__(
        self,
        in_channels: int,
        num_segments: int | None = None,
        k: int = 8,
        widths: Sequence[int] | None = None,
        init_cfg: dict | None = None,
        channels_last: bool = False,
        tokens: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(in_channels, num_segments, init_cfg, channels_last, tokens)
        self.k = k
        channels = [2 * in_channels + 3, *(widths or (in_channels // 4, in_channels // 2))]
        self.embedding = nn.Sequential(*map(ConvNormReLU, channels[:-1], channels[1:]))
        self.project = nn.Conv2d(channels[-1], in_channels, 1, bias=False)
        self.bn = nn.BatchNorm2d(in_channels)
        nn.init.kaiming_normal_(self.project.weight, mode='fan_out', nonlinearity='linear')
        nn.init.zeros_(self.bn.weight)

    def forward_clip(self, clip: Tensor) -> Tensor:
        """Enrich the features of clips, (N, T, C, H, W) to the same shape."""
        frames, (height, width) = clip.shape[1], clip.shape[3:]
        features = clip.permute(0, 1, 3, 4, 2).flatten(2, 3)
        nearest = nearest_in_other_frames(features, self.k)
        embedded = self.embedding(self._pairs(features.flatten(1, 2), nearest, clip.shape))
        strongest = embedded.amax(dim=3, keepdim=True)
        motion = self.bn(self.project(strongest)).squeeze(3)
        motion = motion.unflatten(2, (frames, height, width)).transpose(1, 2)
        return clip + motion

    def _pairs(self, features: Tensor, nearest: Tensor, shape: torch.Size) -> Tensor:
        """The input of the embedding.

        Args:
            features: (N, T * H * W, C).
            nearest: Indices of the neighbours of each feature, (N, T * H * W, k).
            shape: (N, T, C, H, W).

        Returns:
            Relative position, feature and neighbour, (N, 3 + 2 * C, T * H * W, k).
        """
        clips = torch.arange(features.shape[0], device=features.device).view(-1, 1, 1)
        neighbours = features[clips, nearest]
        positions = _positions(shape[1], *shape[3:], like=features)
        offsets = positions[nearest] - positions.unsqueeze(1)
        own = features.unsqueeze(2).expand_as(neighbours)
        return torch.cat([offsets, own, neighbours], dim=3).permute(0, 3, 1, 2)

    def init_weights(self) -> None:
        """Initialise as the identity, also where a parent's ``init_cfg`` sets norms otherwise."""
        super().init_weights()
        nn.init.zeros_(self.bn.weight)
        nn.init.zeros_(self.bn.bias)

    def extra_repr(self) -> str:
        """Arguments, for printing."""
        return f'k={self.k}'


def _positions(*sizes: int, like: Tensor) -> Tensor:
    """Coordinates in [0, 1) of each place of a grid: (product of the sizes, number of sizes)."""
    axes = [torch.arange(size, dtype=like.dtype, device=like.device) / size for size in sizes]
    return torch.stack(torch.meshgrid(*axes, indexing='ij'), dim=-1).flatten(0, -2)
