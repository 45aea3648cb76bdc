"""What networks tell of their input and their tokens, which a stage's output alone does not."""

from collections.abc import Callable
from typing import Any, NamedTuple

from mmaction.models import C2D, C3D, MViT, TimeSformer, UniFormerV2, VisionTransformer
from torch import nn

_SIZE, _FRAMES = 224, 16


class Facts(NamedTuple):
    """About a network.

    Attributes:
        input_shape: Of a small batch that it takes.
        tokens: How its stages lay out tokens: arguments of ``TokenLayout``; None if not known.
        num_segments: T, where it folds the frames of a clip into the batch inside.
    """

    input_shape: tuple[int, ...]
    tokens: dict[str, Any] | None = None
    num_segments: int | None = None


def facts_of(network: nn.Module, num_segments: int | None) -> Facts:
    """What is known about a network.

    Args:
        network: A backbone.
        num_segments: T, the frames of a clip, as far as a 2D network or its config tell it.
    """
    for kind, describe in _KNOWN.items():
        if isinstance(network, kind):
            return describe(network)
    convs = (m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Conv3d))
    first = next(convs, None)
    channels = first.in_channels if first is not None else 3
    if isinstance(first, nn.Conv3d):
        return Facts((1, channels, _FRAMES, _SIZE, _SIZE))
    size = _image_size(network)
    return Facts((num_segments or 1, channels, *size), _image_tokens(network))


def _image_size(network: nn.Module) -> tuple[int, int]:
    """Of images: timm has it in ``patch_embed``, torchvision and mmpretrain in the network."""
    for holder, name in (
        (getattr(network, 'patch_embed', None), 'img_size'),
        (network, 'image_size'),
        (network, 'img_size'),
    ):
        size = getattr(holder, name, None)
        if size is not None:
            return (size, size) if isinstance(size, int) else tuple(size)
    return _SIZE, _SIZE


def _image_tokens(network: Any) -> dict[str, Any] | None:
    """Of Vision Transformers for images: timm's, mmpretrain's, torchvision's."""
    if hasattr(network, 'num_prefix_tokens') and hasattr(network, 'patch_embed'):
        grid, class_tokens = network.patch_embed.grid_size, network.num_prefix_tokens
    elif hasattr(network, 'patch_resolution') and hasattr(network, 'num_extra_tokens'):
        grid, class_tokens = network.patch_resolution, network.num_extra_tokens
    elif hasattr(network, 'image_size') and hasattr(network, 'class_token'):
        side = network.image_size // network.patch_size
        grid, class_tokens = (side, side), 1
    else:
        return None
    return dict(grid=tuple(grid), class_tokens=class_tokens)


def _c2d(network: C2D) -> Facts:
    # A 2D network that is given clips, and folds the frames into the batch inside.
    return Facts((1, network.in_channels, _FRAMES, _SIZE, _SIZE))


def _c3d(network: C3D) -> Facts:
    # Its first linear layer fits frames of 112 x 112 alone.
    return Facts((1, 3, _FRAMES, _SIZE // 2, _SIZE // 2))


def _mvit(network: MViT) -> Facts:
    # Its stages put out the grid beside the tokens.
    class_tokens = int(network.with_cls_token)
    shape = (1, network.patch_embed.projection.in_channels, _FRAMES, _SIZE, _SIZE)
    return Facts(shape, dict(class_tokens=class_tokens))


def _timesformer(network: TimeSformer) -> Facts:
    patch = network.patch_embed.projection
    side = int((network.pos_embed.shape[1] - 1) ** 0.5)
    size = side * patch.kernel_size[0]
    shape = (1, patch.in_channels, network.num_frames, size, size)
    if network.attention_type == 'space_only':
        tokens = dict(grid=(side, side), class_tokens=1)
        return Facts(shape, tokens, network.num_frames)
    grid = (network.num_frames, side, side)
    return Facts(shape, dict(grid=grid, class_tokens=1, time_last=True))


def _video_mae(network: VisionTransformer) -> Facts:
    patch = network.patch_embed.projection
    height, width = network.grid_size
    frames = network.pos_embed.shape[1] // (height * width)
    steps = zip((frames, height, width), patch.kernel_size, strict=True)
    shape = (1, patch.in_channels, *(places * size for places, size in steps))
    return Facts(shape, dict(grid=(frames, height, width)))


def _uniformer_v2(network: UniFormerV2) -> Facts:
    patch, frames = network.conv1, network.transformer.T
    side = network.input_resolution // patch.kernel_size[1]
    size = network.input_resolution
    shape = (1, patch.in_channels, frames * patch.stride[0], size, size)
    tokens = dict(grid=(side, side), class_tokens=1, batch_first=False)
    return Facts(shape, tokens, frames)


_KNOWN: dict[type[nn.Module], Callable[[Any], Facts]] = {
    C2D: _c2d,
    C3D: _c3d,
    MViT: _mvit,
    TimeSformer: _timesformer,
    VisionTransformer: _video_mae,
    UniFormerV2: _uniformer_v2,
}
