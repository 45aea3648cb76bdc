"""The definition of the matching operation, for reading and for testing against.

Any device, any dtype. Every other backend must agree with this one.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def correlation(source: Tensor, target: Tensor, max_displacement: int, dilation: int) -> Tensor:
    """Rectified local correlation (Eq. 1): ``relu(source[x] . target[x + dilation * p])``.

    Args:
        source: Features of the first frame of each pair, (N, C, H, W).
        target: Features of the second frame, (N, C, H, W); zero outside the image.
        max_displacement: k; displacements p are taken from [-k, k] x [-k, k].
        dilation: Distance, in positions, between two neighbouring displacements.

    Returns:
        Cost volume (N, P, P, H, W) with P = 2k + 1, indexed by the displacement's y, then x.
    """
    height, width = source.shape[-2:]
    patch = 2 * max_displacement + 1
    padded = F.pad(target, [max_displacement * dilation] * 4)
    rows = []
    for y in range(0, patch * dilation, dilation):
        for x in range(0, patch * dilation, dilation):
            rows.append((source * padded[..., y : y + height, x : x + width]).sum(dim=1))
    return torch.stack(rows, dim=1).unflatten(1, (patch, patch)).relu()


def displacement_grid(max_displacement: int, like: Tensor) -> Tensor:
    """Displacements p of a patch in its own steps, x then y: (2, P * P)."""
    steps = torch.arange(
        -max_displacement, max_displacement + 1, dtype=like.dtype, device=like.device
    )
    y, x = torch.meshgrid(steps, steps, indexing='ij')
    return torch.stack([x.flatten(), y.flatten()])


def match(
    source: Tensor,
    target: Tensor,
    max_displacement: int,
    dilation: int,
    sigma: float | None,
    temperature: float,
) -> tuple[Tensor, Tensor]:
    """Displacement (Eq. 2-4) and confidence (Eq. 5) of normalised features.

    Args:
        source: L2-normalised features of the first frame of each pair, (N, C, H, W).
        target: L2-normalised features of the second frame, (N, C, H, W).
        max_displacement: k of :func:`correlation`.
        dilation: Dilation of :func:`correlation`.
        sigma: Standard deviation of the Gaussian around the best match, in steps of the patch.
            None leaves the Gaussian out: soft-argmax (Eq. 2).
        temperature: Divisor of the softmax's argument.

    Returns:
        Displacement (N, 2, H, W), x then y, divided by k, so in [-1, 1]; confidence (N, 1, H, W).
    """
    scores = correlation(source, target, max_displacement, dilation).flatten(1, 2)
    confidence, best = scores.max(dim=1, keepdim=True)
    grid = displacement_grid(max_displacement, scores)

    logits = scores / temperature
    if sigma is not None:
        # No gradient passes the argmax. The factor in front of the paper's Gaussian is left out,
        # as in the authors' code: it would only rescale the temperature.
        distance = (grid[:, :, None] - grid[:, None, :]).square().sum(dim=0)
        gaussian = torch.exp(-distance / (2 * sigma**2))
        logits = logits * gaussian[best.squeeze(1)].movedim(-1, 1)
    weights = logits.softmax(dim=1)
    displacement = torch.einsum('nphw,dp->ndhw', weights, grid) / max(max_displacement, 1)
    return displacement, confidence
