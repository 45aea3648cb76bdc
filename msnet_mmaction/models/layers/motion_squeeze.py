"""The MotionSqueeze module (Kwon et al., ECCV 2020, Section 3.1)."""

from collections.abc import Mapping
from typing import Any

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from ...ops import Matching
from ...structures import MotionField
from .clip import ClipLayer, unfold_frames
from .conv import ClampReLU, ConvNormReLU


@MODELS.register_module()
class MotionSqueeze(ClipLayer):
    """Enrich the features of a clip with motion between adjacent frames.

    ::

        x ── reduction ── pairs (t, t+1) ── displacement ── last repeated ── transform ──┐
        │    1 x 1, C'                      2 + confidence    T - 1 to T      to C       │
        └─────────────────────────────────────────────────────────────────────── fusion ── out

    With the features F(t) of a frame, t = 1 ... T::

        D(t) = match(reduction(F(t)), reduction(F(t + 1)))       t < T, Eq. 1-5
        D(T) = D(T - 1)
        out(t) = F(t) + transform(D(t))                          Eq. 6, with AddFusion

    Example:
        Two clips of eight frames, folded into the batch, as in 2D networks::

            >>> import torch
            >>> from msnet_mmaction import MotionSqueeze
            >>> layer = MotionSqueeze(in_channels=128, num_segments=8)
            >>> tuple(layer(torch.randn(16, 128, 14, 14)).shape)
            (16, 128, 14, 14)

        Its motion, from each frame to the next, in positions of the feature map::

            >>> layer = layer.eval()
            >>> (field,) = layer.estimate_motion(torch.randn(2, 8, 128, 14, 14))
            >>> tuple(field.displacement.shape), tuple(field.confidence.shape)
            ((2, 7, 2, 14, 14), (2, 7, 14, 14))

    Args:
        in_channels: C, the channels of the stage that the layer follows.
        num_segments: T, the frames of a clip, for 2D networks.
        reduced_channels: C', the channels that are correlated. The authors' code has 64 for every
            backbone, where the paper says C/2. None leaves the reduction out (MobileNet-V2).
        displacement: Config of the displacement estimation (Table 3); by default
            ``KernelSoftArgmax``.
        confidence: Whether the transform also gets the confidence map (Eq. 5, "CM").
        backward_displacement: Whether the transform also gets the displacement tensor from frame
            t + 1 to frame t ("BD").
        transform: Config of the transform, from displacement tensor to motion features (Table 7);
            by default ``DepthwiseSeparableTransform``.
        fusion: Config of the fusion of features and motion (Table 5); by default ``AddFusion``.
        zero_init: Whether the last normalisation of the transform starts at zero, so that with
            ``AddFusion`` the layer starts as the identity. The transform must end in a
            :class:`.ConvNormReLU`.
        init_cfg: Initialisation, see mmengine's ``BaseModule``.
        channels_last: Whether the stage puts out its channels last, see :class:`.ClipLayer`.
        tokens: How the stage lays out tokens, see :class:`.ClipLayer`.

    Raises:
        ValueError: If ``zero_init`` does not fit the transform.
    """

    def __init__(
        self,
        in_channels: int,
        num_segments: int | None = None,
        reduced_channels: int | None = 64,
        displacement: dict | None = None,
        confidence: bool = True,
        backward_displacement: bool = False,
        transform: dict | None = None,
        fusion: dict | None = None,
        zero_init: bool = False,
        init_cfg: dict | None = None,
        channels_last: bool = False,
        tokens: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(in_channels, num_segments, init_cfg, channels_last, tokens)
        self.confidence = confidence
        self.backward_displacement = backward_displacement
        self.zero_init = zero_init

        self.reduction = (
            nn.Identity()
            if reduced_channels is None
            else ConvNormReLU(in_channels, reduced_channels)
        )
        self.displacement = MODELS.build({'type': 'KernelSoftArgmax', **(displacement or {})})
        field_channels = self.displacement.out_channels + confidence
        self.transform = MODELS.build(
            {
                'type': 'DepthwiseSeparableTransform',
                'in_channels': field_channels * (1 + backward_displacement),
                'out_channels': in_channels,
                **(transform or {}),
            }
        )
        self.fusion = MODELS.build(
            {'type': 'AddFusion', 'in_channels': in_channels, **(fusion or {})}
        )
        if zero_init:
            self._last_block.relu = ClampReLU()
            self._start_at_zero()

    def forward_clip(self, clip: Tensor) -> Tensor:
        """Enrich the features of clips, (N, T, C, H, W) to the same shape."""
        fields = self.motion_fields(self._reduce(clip))
        # M(T) = M(T-1): the last frame has no successor to be matched with.
        fields = torch.cat([fields, fields[:, -1:]], dim=1).to(clip.dtype)
        motion = self.transform(fields.flatten(0, 1))
        return unfold_frames(self.fusion(clip.flatten(0, 1), motion), clip.shape[1])

    def estimate_motion(self, clip: Tensor) -> list[MotionField]:
        """The fields that the layer reads from its input: see :class:`.EstimatesMotion`."""
        matchings = self._match_adjacent(self._reduce(clip))
        pairs = (-1, clip.shape[1] - 1)
        return [
            MotionField(
                found.displacement.unflatten(0, pairs) * self.displacement.search_radius,
                found.confidence.squeeze(1).unflatten(0, pairs),
                backward=bool(number),
            )
            for number, found in enumerate(matchings)
        ]

    def motion_fields(self, reduced: Tensor) -> Tensor:
        """Displacement tensors of all pairs of adjacent frames.

        Args:
            reduced: Features to correlate, (N, T, C', H, W).

        Returns:
            (N, T - 1, D, H, W), float32. D is x, y and, if it is used, the confidence; the same
            again for the backward displacement, if it is used.
        """
        matchings = self._match_adjacent(reduced)
        maps = [part for found in matchings for part in found[: 1 + self.confidence]]
        return unfold_frames(torch.cat(maps, dim=1), reduced.shape[1] - 1)

    def init_weights(self) -> None:
        """Initialise; ``zero_init`` overrides what a parent's ``init_cfg`` has set."""
        super().init_weights()
        if self.zero_init:
            self._start_at_zero()

    def _reduce(self, clip: Tensor) -> Tensor:
        # Sizes are given as (-1, T), so that an exported network keeps its batch free.
        return unfold_frames(self.reduction(clip.flatten(0, 1)), clip.shape[1])

    def _match_adjacent(self, reduced: Tensor) -> list[Matching]:
        """Frame t in frame t + 1 and, if asked for, frame t + 1 in frame t."""
        source, target = reduced[:, :-1].flatten(0, 1), reduced[:, 1:].flatten(0, 1)
        matchings = [self.displacement(source, target)]
        if self.backward_displacement:
            # Both directions have the same correlations: s(y, -p) backward is s(y - p, p) forward.
            # Computing them once would save an eighth of the forward pass, but needs a second
            # algorithm, with tiles of whole rows.
            matchings.append(self.displacement(target, source))
        return matchings

    @property
    def _last_block(self) -> ConvNormReLU:
        *_, last = self.transform.modules()
        for block in self.transform.modules():
            if isinstance(block, ConvNormReLU) and last is block.relu:
                return block
        raise ValueError(
            'zero_init=True needs a transform that ends in a ConvNormReLU, which '
            f'{type(self.transform).__name__} does not: give it weights that start at zero itself'
        )

    def _start_at_zero(self) -> None:
        nn.init.zeros_(self._last_block.bn.weight)
        nn.init.zeros_(self._last_block.bn.bias)
