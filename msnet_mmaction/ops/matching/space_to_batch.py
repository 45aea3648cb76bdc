"""A matching with dilation d as d * d matchings without dilation.

Positions that are d apart in an image are neighbours in one of its d * d subsampled images. The
subsampled images become entries of the batch, so that a backend needs no dilation.
"""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor


def space_to_batch(x: Tensor, dilation: int) -> Tensor:
    """(N, C, H, W) to (N * d * d, C, ceil(H / d), ceil(W / d)), zero over the border."""
    if dilation == 1:
        return x
    height, width = x.shape[-2:]
    x = F.pad(x, [0, -width % dilation, 0, -height % dilation])
    n, channels, height, width = x.shape
    x = x.reshape(n, channels, height // dilation, dilation, width // dilation, dilation)
    x = x.permute(0, 3, 5, 1, 2, 4)
    return x.reshape(n * dilation**2, channels, height // dilation, width // dilation)


def batch_to_space(x: Tensor, dilation: int, size: Sequence[int]) -> Tensor:
    """The inverse of :func:`space_to_batch` for images of ``size`` (H, W)."""
    if dilation == 1:
        return x
    # Not a reshape with N // d^2, which an exported graph would remember as a number.
    x = x.unflatten(0, (-1, dilation, dilation)).permute(0, 3, 4, 1, 5, 2)
    x = x.flatten(4).flatten(2, 3)
    return x[:, :, : size[0], : size[1]].contiguous()
