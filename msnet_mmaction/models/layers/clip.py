"""The layouts that 2D and 3D networks have for the frames of a clip."""

from collections.abc import Mapping
from typing import Any

from mmengine.model import BaseModule
from torch import Tensor

from .tokens import TokenLayout


class ClipLayer(BaseModule):
    """A layer from the features of a clip to features of the same shape.

    It works in two kinds of networks: 2D networks fold the frames into the batch (N*T, C, H, W), 3D
    networks have (N, C, T, H, W). Some, such as video transformers, have the channels last:
    (N*T, H, W, C) or (N, T, H, W, C). A subclass implements :meth:`forward_clip` for
    (N, T, C, H, W) only.

    Example:
        >>> import torch
        >>> from msnet_mmaction import ClipLayer
        >>> class DifferenceFromFirstFrame(ClipLayer):
        ...     def forward_clip(self, clip):
        ...         return clip - clip[:, :1]
        >>> layer = DifferenceFromFirstFrame(in_channels=64, num_segments=8)
        >>> in_2d = layer(torch.randn(16, 64, 14, 14))
        >>> in_3d = layer(torch.randn(2, 64, 8, 14, 14))
        >>> tuple(in_2d.shape), tuple(in_3d.shape)
        ((16, 64, 14, 14), (2, 64, 8, 14, 14))

    Args:
        in_channels: C, the channels of input and output.
        num_segments: T, the frames of a clip, for 2D networks. In 3D networks T is a dimension of
            the input.
        init_cfg: Initialisation, see mmengine's ``BaseModule``.
        channels_last: Whether the last dimension of the features is that of the channels. The
            shape of a tensor does not tell.
        tokens: Layout of the tokens of a transformer, arguments of :class:`.TokenLayout`; None for
            feature maps.

    Raises:
        ValueError: If ``num_segments`` is below 2: motion needs two frames; or if both
            ``channels_last`` and ``tokens`` are given.
    """

    def __init__(
        self,
        in_channels: int,
        num_segments: int | None = None,
        init_cfg: dict | None = None,
        channels_last: bool = False,
        tokens: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        name = type(self).__name__
        if channels_last and tokens is not None:
            raise ValueError(f'{name} takes tokens or channels_last, not both')
        if num_segments is not None and num_segments < 2:
            raise ValueError(f'{name} needs clips of at least 2 frames, got {num_segments=}')
        self.in_channels = in_channels
        self.num_segments = num_segments
        self.channels_last = channels_last
        self.tokens = None if tokens is None else TokenLayout(**tokens)

    def forward(self, x: Any) -> Any:
        """Enrich features with motion.

        Args:
            x: (N*T, C, H, W) or (N, C, T, H, W); with ``channels_last`` (N*T, H, W, C) or
                (N, T, H, W, C); with ``tokens`` what :class:`.TokenLayout` says.

        Returns:
            Features in the layout and of the shape of ``x``.

        Raises:
            ValueError: If the channels or the frames of ``x`` do not fit the layer.
        """
        maps = self._maps_of(x)
        out = self.forward_clip(self._clip_of(maps))
        out = out.transpose(1, 2) if maps.ndim == 5 else out.flatten(0, 1)
        if self.tokens is not None:
            return self.tokens.to_tokens(out, x)
        return out.movedim(1, -1) if self.channels_last else out

    def clip_view(self, x: Any) -> Tensor:
        """A view of a network's features, in any of the layouts, as (N, T, C, H, W).

        Args:
            x: As in :meth:`forward`.

        Raises:
            ValueError: If the channels or the frames of ``x`` do not fit the layer.
        """
        return self._clip_of(self._maps_of(x))

    def _maps_of(self, x: Any) -> Any:
        return x if self.tokens is None else self.tokens.to_maps(x)

    def _clip_of(self, x: Any) -> Tensor:
        if not isinstance(x, Tensor) or x.ndim not in (4, 5):
            raise ValueError(
                f'{type(self).__name__} takes a tensor of feature maps, '
                f'{" or ".join(self._layouts)}, got {_described(x)}: put the layer after a stage '
                "that puts out such a tensor; for a transformer's tokens, leave in_channels out or "
                'set tokens=dict(grid=(H, W), class_tokens=1)'
            )
        first = x.movedim(-1, 1) if self.channels_last else x
        clip = first.transpose(1, 2) if x.ndim == 5 else self._split_frames(first)
        self._check(clip, x)
        return clip

    def forward_clip(self, clip: Tensor) -> Tensor:
        """Enrich the features of clips, (N, T, C, H, W) to the same shape."""
        raise NotImplementedError

    @property
    def _layouts(self) -> tuple[str, str]:
        """The layouts of 2D and of 3D networks, for errors."""
        if self.channels_last:
            return '(N*T, H, W, C)', '(N, T, H, W, C)'
        return '(N*T, C, H, W)', '(N, C, T, H, W)'

    def _split_frames(self, x: Tensor) -> Tensor:
        name = type(self).__name__
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
        return unfold_frames(x, self.num_segments)

    def _check(self, clip: Tensor, x: Tensor) -> None:
        name, channels = type(self).__name__, clip.shape[2]
        if channels != self.in_channels:
            raise ValueError(
                f'{name} was built with in_channels={self.in_channels} and got features of '
                f'{channels} channels, taking {tuple(x.shape)} for {self._layouts[x.ndim - 4]}: '
                f'{self._advice(channels, x)}'
            )
        if clip.shape[1] < 2:
            raise ValueError(f'{name} needs clips of at least 2 frames, got {clip.shape[1]}')

    def _advice(self, channels: int, x: Tensor) -> str:
        """What to set if the channels do not fit, for errors."""
        if self.channels_last:
            return (
                f'set in_channels={channels}, or channels_last=False if the channels of its stage '
                'are not the last dimension'
            )
        if x.shape[-1] == self.in_channels:
            return 'its stage seems to put out channels last: set channels_last=True'
        return (
            f'set in_channels={channels} if that is what its stage puts out; if the stage puts '
            'out channels last, as those of video transformers do, set channels_last=True and '
            f'in_channels={x.shape[-1]}'
        )


def unfold_frames(x: Tensor, frames: int) -> Tensor:
    """Frames in the batch, (N*T, ...), to (N, T, ...).

    Not by ``unflatten``, for which torch's ONNX exporter writes N as a number.
    """
    return x.reshape(-1, frames, *x.shape[1:])


def _described(x: object) -> str:
    if not isinstance(x, Tensor):
        return f'a {type(x).__name__}'
    tokens = ', as the tokens of a transformer' if x.ndim == 3 else ''
    return f'a tensor of {tuple(x.shape)}{tokens}'
