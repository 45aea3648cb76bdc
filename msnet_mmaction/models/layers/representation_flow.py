"""The representation-flow layer (Piergiovanni and Ryoo, CVPR 2019), compared in Table 2."""

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor, nn

from ...structures import MotionField
from .clip import ClipLayer, unfold_frames

#: Avoids division by zero and infinite gradients of square roots where features are constant.
EPSILON = 1e-12


class TVL1Iterations(nn.Module):
    """The iterations of TV-L1 on feature maps, each channel separately.

    One scale, no warping (Algorithm 1 of the paper). With the gradient g of F2, the flow u, the
    residual rho = F2 - F1 + g u and the dual fields p, each iteration is::

        v = u + g clamp(-rho / |g|^2, -lambda theta, lambda theta)
        u = v + theta div(p)
        p = (p + tau / theta grad(u)) / (1 + tau / theta |grad(u)|)

    The paper writes the clamp as three cases. The step sizes tau, lambda, theta and the kernels of
    div and grad are learnt, starting from those of TV-L1. The gradient of the features is fixed: in
    the paper, learning it lowers the accuracy.

    Args:
        channels: C, the channels of the features.
        iterations: Number of iterations.
    """

    def __init__(self, channels: int, iterations: int) -> None:
        super().__init__()
        self.iterations = iterations
        self.tau = nn.Parameter(torch.tensor(0.25))
        self.lambda_ = nn.Parameter(torch.tensor(0.15))
        self.theta = nn.Parameter(torch.tensor(0.3))
        # (the two taps, C, 1, 1) of a difference along x and of one along y.
        difference = torch.tensor([-1.0, 1.0])[:, None, None, None].repeat(1, channels, 1, 1)
        self.gradient_x, self.gradient_y, self.divergence_x, self.divergence_y = (
            nn.Parameter(difference.clone()) for _ in range(4)
        )

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Flow of each channel from ``source`` to ``target``.

        Args:
            source: F1, (N, C, H, W).
            target: F2, (N, C, H, W).

        Returns:
            (N, 2, C, H, W), x then y, in positions.
        """
        slope = _central_differences(target)
        steepness = slope.square().sum(dim=1) + EPSILON
        change = target - source
        limit = self.lambda_ * self.theta
        rate = self.tau / self.theta

        flow = torch.zeros_like(slope)
        # (N, component of the flow, direction of its derivative, C, H, W)
        dual = torch.zeros_like(slope).unsqueeze(2).repeat(1, 1, 2, 1, 1, 1)
        for _ in range(self.iterations):
            residual = change + (slope * flow).sum(dim=1)
            step = torch.clamp(-residual / steepness, -limit, limit)
            flow = flow + slope * step.unsqueeze(1) + self.theta * self._divergence(dual)
            gradient = self._gradient(flow)
            norm = (gradient.square().sum(dim=2, keepdim=True) + EPSILON).sqrt()
            dual = (dual + rate * gradient) / (1 + rate * norm)
        return flow

    def _gradient(self, flow: Tensor) -> Tensor:
        """Forward differences of (N, 2, C, H, W), zero at the last column and row."""
        (x0, x1), (y0, y1) = self.gradient_x, self.gradient_y
        along_x = F.pad(x0 * flow[..., :-1] + x1 * flow[..., 1:], (0, 1))
        along_y = F.pad(y0 * flow[..., :-1, :] + y1 * flow[..., 1:, :], (0, 0, 0, 1))
        return torch.stack([along_x, along_y], dim=2)

    def _divergence(self, dual: Tensor) -> Tensor:
        """Backward differences, the gradient's adjoint: the last column and row count as zero."""
        (x0, x1), (y0, y1) = self.divergence_x, self.divergence_y
        along_x, along_y = dual[:, :, 0, :, :, :-1], dual[:, :, 1, :, :-1]
        return (
            x0 * F.pad(along_x, (1, 0))
            + x1 * F.pad(along_x, (0, 1))
            + y0 * F.pad(along_y, (0, 0, 1, 0))
            + y1 * F.pad(along_y, (0, 0, 0, 1))
        )

    def extra_repr(self) -> str:
        """Arguments, for printing."""
        return f'channels={self.gradient_x.shape[1]}, iterations={self.iterations}'


@MODELS.register_module()
class RepresentationFlow(ClipLayer):
    """Enrich the features of a clip with the flow of learnt channels between adjacent frames.

    ::

        x ── reduction ── pairs (t, t+1) ── TV-L1 ── last repeated ── expansion ── add, ReLU
        │    1 x 1, C'    in [0, 255]       2 C'     T - 1 to T       3 x 3, C        │
        └─────────────────────────────────────────────────────────────────────────────┘

    With the features F(t) of a frame, t = 1 ... T, and the reduced features scaled to [0, 255]::

        u(t) = TV-L1(reduction(F(t)), reduction(F(t + 1)))       t < T, see TVL1Iterations
        u(T) = u(T - 1)
        out(t) = relu(F(t) + norm(expansion(u(t))))

    It is the authors' code with three differences. The features of each clip are scaled by
    their own range, not by that of the batch, so that clips do not mix. At the borders the gradient
    is that of the second frame too. The last flow is repeated, where their code shortens the clip
    by a frame. Their code scales to [-255, 0] with the signs of both frames reversed, which gives
    the same flow.

    mmaction2's ``TSMOptimWrapperConstructor`` has no rule for the step sizes and kernels, which are
    parameters of no convolution: train with MMEngine's default constructor, as the configs in
    ``configs/baselines`` do.

    Example:
        >>> import torch
        >>> from msnet_mmaction import RepresentationFlow
        >>> layer = RepresentationFlow(in_channels=32, num_segments=4, iterations=2)
        >>> tuple(layer(torch.randn(8, 32, 7, 7)).shape)
        (8, 32, 7, 7)

    Args:
        in_channels: C, the channels of the stage that the layer follows.
        num_segments: T, the frames of a clip, for 2D networks.
        reduced_channels: C', the channels whose flow is computed.
        iterations: Number of iterations of TV-L1.
        zero_init: Whether the normalisation of the flow starts at zero, as in the authors' code:
            the layer starts as a ReLU.
        init_cfg: Initialisation, see mmengine's ``BaseModule``.
        channels_last: Whether the stage puts out its channels last, see :class:`.ClipLayer`.
        tokens: How the stage lays out tokens, see :class:`.ClipLayer`.
    """

    def __init__(
        self,
        in_channels: int,
        num_segments: int | None = None,
        reduced_channels: int = 32,
        iterations: int = 20,
        zero_init: bool = True,
        init_cfg: dict | None = None,
        channels_last: bool = False,
        tokens: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(in_channels, num_segments, init_cfg, channels_last, tokens)
        self.zero_init = zero_init
        self.reduction = nn.Conv2d(in_channels, reduced_channels, 1, bias=False)
        self.flow = TVL1Iterations(reduced_channels, iterations)
        self.expansion = nn.Conv2d(2 * reduced_channels, in_channels, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(in_channels)
        for conv in (self.reduction, self.expansion):
            nn.init.kaiming_normal_(conv.weight, mode='fan_out', nonlinearity='relu')
        self._start()

    def forward_clip(self, clip: Tensor) -> Tensor:
        """Enrich the features of clips, (N, T, C, H, W) to the same shape."""
        flow = self.flow_fields(self._reduce(clip))
        # As in MotionSqueeze: the last frame has no next one.
        flow = torch.cat([flow, flow[:, -1:]], dim=1).to(clip.dtype)
        motion = unfold_frames(self.bn(self.expansion(flow.flatten(0, 1))), clip.shape[1])
        return F.relu(clip + motion)

    def estimate_motion(self, clip: Tensor) -> list[MotionField]:
        """The mean of the flows of all channels: see :class:`.EstimatesMotion`."""
        flow = self.flow_fields(self._reduce(clip)).unflatten(2, (2, -1))
        return [MotionField(flow.mean(dim=3))]

    def flow_fields(self, reduced: Tensor) -> Tensor:
        """Flow of all pairs of adjacent frames.

        Args:
            reduced: Features, (N, T, C', H, W).

        Returns:
            (N, T - 1, 2 C', H, W), at least float32, x of all channels, then y of all channels.
        """
        reduced = _as_grey_values(
            reduced.to(torch.promote_types(reduced.dtype, torch.float32)).contiguous()
        )
        source, target = reduced[:, :-1].flatten(0, 1), reduced[:, 1:].flatten(0, 1)
        return unfold_frames(self.flow(source, target).flatten(1, 2), reduced.shape[1] - 1)

    def init_weights(self) -> None:
        """Initialise; ``zero_init`` overrides what a parent's ``init_cfg`` has set."""
        super().init_weights()
        self._start()

    def _reduce(self, clip: Tensor) -> Tensor:
        return unfold_frames(self.reduction(clip.flatten(0, 1)), clip.shape[1])

    def _start(self) -> None:
        if self.zero_init:
            nn.init.zeros_(self.bn.weight)
            nn.init.zeros_(self.bn.bias)


def _as_grey_values(clip: Tensor) -> Tensor:
    """Scale each clip of (N, T, C, H, W) to [0, 255], where the step sizes of TV-L1 fit."""
    lowest, highest = clip.amin((1, 2, 3, 4), True), clip.amax((1, 2, 3, 4), True)
    return 255 * (clip - lowest) / (highest - lowest).clamp(min=EPSILON)


def _central_differences(features: Tensor) -> Tensor:
    """Half the difference of both neighbours, (N, C, H, W) to (N, 2, C, H, W)."""
    x = F.pad(features, (1, 1, 0, 0), mode='replicate')
    y = F.pad(features, (0, 0, 1, 1), mode='replicate')
    return torch.stack([x[..., 2:] - x[..., :-2], y[..., 2:, :] - y[..., :-2, :]], dim=1) / 2
