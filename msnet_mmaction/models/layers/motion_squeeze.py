"""The MotionSqueeze module (Kwon et al., ECCV 2020, Section 3.1)."""

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from ...ops import Matching
from ...structures import MotionField
from .clip import ClipLayer
from .conv import ClampReLU, ConvNormReLU


@MODELS.register_module()
class MotionSqueeze(ClipLayer):
    """Features of a clip in, the same features enriched with motion out.

    ::

        x ── reduction ── pairs (t, t+1) ── displacement ── last repeated ── transform ──┐
        │    1 x 1, C'                      2 + confidence    T - 1 to T      to C       │
        └─────────────────────────────────────────────────────────────────────── fusion ── out

    Args:
        in_channels: C, the channels of the stage that the layer follows.
        num_segments: T, the frames of a clip, for 2D networks.
        reduced_channels: C', the channels that are correlated. The authors' code has 64 for every
            backbone, where the paper says C/2. None leaves the reduction out (MobileNet-V2).
        displacement: How a displacement is read from the correlations (Table 3).
        confidence: Whether the confidence map (Eq. 5, "CM") joins the displacement.
        backward_displacement: Whether the displacement tensor from frame t + 1 to frame t ("BD")
            joins that from t to t + 1.
        transform: Displacement tensor to motion features (Table 7).
        fusion: How features and motion are joined (Table 5).
        zero_init: Whether the transform's last normalisation starts at zero, so that with
            ``AddFusion`` the network starts as exactly what it is without this layer. The transform
            must end in a :class:`.ConvNormReLU`.
        init_cfg: Initialisation, see mmengine's ``BaseModule``.
        channels_last: Whether the stage puts out its channels last, see :class:`.ClipLayer`.
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
    ) -> None:
        super().__init__(in_channels, num_segments, init_cfg, channels_last)
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
        return self.fusion(clip.flatten(0, 1), motion).unflatten(0, (-1, clip.shape[1]))

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
            (N, T - 1, D, H, W), float32; D is 2 (x, y), and 1 of confidence, and the same again
            for the backward displacement.
        """
        matchings = self._match_adjacent(reduced)
        maps = [part for found in matchings for part in found[: 1 + self.confidence]]
        return torch.cat(maps, dim=1).unflatten(0, (-1, reduced.shape[1] - 1))

    def init_weights(self) -> None:
        """Initialise, and start at zero if asked to, whatever a parent's ``init_cfg`` has set."""
        super().init_weights()
        if self.zero_init:
            self._start_at_zero()

    def _reduce(self, clip: Tensor) -> Tensor:
        # Sizes are given as (-1, T), so that an exported network keeps its batch free.
        return self.reduction(clip.flatten(0, 1)).unflatten(0, (-1, clip.shape[1]))

    def _match_adjacent(self, reduced: Tensor) -> list[Matching]:
        """Frame t in frame t + 1 and, if asked for, frame t + 1 in frame t."""
        source, target = reduced[:, :-1].flatten(0, 1), reduced[:, 1:].flatten(0, 1)
        matchings = [self.displacement(source, target)]
        if self.backward_displacement:
            # Both ways read the same correlations: those of y with displacement -p are those of
            # y - p with p. Sharing them would take tiles of whole rows, which waste more, and save
            # an eighth of the forward pass: not worth a second algorithm.
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
