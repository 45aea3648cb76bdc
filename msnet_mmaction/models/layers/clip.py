"""The one place that knows how 2D and 3D networks lay out the frames of a clip."""

from mmengine.model import BaseModule
from torch import Tensor


class ClipLayer(BaseModule):
    """A layer from the features of a clip to features of the same shape.

    It serves two kinds of networks: 2D ones, which fold the frames into the batch (N*T, C, H, W),
    and 3D ones (N, C, T, H, W). A subclass writes :meth:`forward_clip` for (N, T, C, H, W) alone.

    Args:
        in_channels: C, the channels that come in and go out.
        num_segments: T, the frames of a clip, for 2D networks; a 3D network's tensors tell it.
        init_cfg: Initialisation, see mmengine's ``BaseModule``.

    Raises:
        ValueError: If ``num_segments`` is below 2: motion needs two frames.
    """

    def __init__(
        self, in_channels: int, num_segments: int | None = None, init_cfg: dict | None = None
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        name = type(self).__name__
        if num_segments is not None and num_segments < 2:
            raise ValueError(f'{name} needs clips of at least 2 frames, got {num_segments=}')
        self.in_channels = in_channels
        self.num_segments = num_segments

    def forward(self, x: Tensor) -> Tensor:
        """Enrich features with motion.

        Args:
            x: (N*T, C, H, W) or (N, C, T, H, W).

        Returns:
            Features in the layout and of the shape of ``x``.

        Raises:
            ValueError: If the channels or the frames of ``x`` do not fit the layer.
        """
        out = self.forward_clip(self.clip_view(x))
        return out.transpose(1, 2) if x.ndim == 5 else out.flatten(0, 1)

    def clip_view(self, x: Tensor) -> Tensor:
        """The clips of a network's features, (N, T, C, H, W), whatever their layout.

        Args:
            x: (N*T, C, H, W) or (N, C, T, H, W).

        Raises:
            ValueError: If the channels or the frames of ``x`` do not fit the layer.
        """
        return self._checked(x.transpose(1, 2) if x.ndim == 5 else self._split_frames(x))

    def forward_clip(self, clip: Tensor) -> Tensor:
        """Enrich the features of clips, (N, T, C, H, W) to the same shape."""
        raise NotImplementedError

    def _split_frames(self, x: Tensor) -> Tensor:
        name = type(self).__name__
        if x.ndim != 4:
            raise ValueError(
                f'{name} takes (N*T, C, H, W) or (N, C, T, H, W), got a tensor of {tuple(x.shape)}'
            )
        if self.num_segments is None:
            raise ValueError(
                f'{name} got the frames of a 2D network, {tuple(x.shape)}, and cannot tell how '
                'many belong to one clip: set num_segments'
            )
        if x.shape[0] % self.num_segments:
            raise ValueError(
                f'{name} got {x.shape[0]} frames, which is not a multiple of its '
                f'num_segments={self.num_segments}'
            )
        return x.unflatten(0, (-1, self.num_segments))

    def _checked(self, clip: Tensor) -> Tensor:
        name = type(self).__name__
        if clip.shape[1] < 2:
            raise ValueError(f'{name} needs clips of at least 2 frames, got {clip.shape[1]}')
        if clip.shape[2] != self.in_channels:
            raise ValueError(
                f'{name} was built with in_channels={self.in_channels} and got features of '
                f'{clip.shape[2]} channels: set in_channels to what its stage puts out'
            )
        return clip
