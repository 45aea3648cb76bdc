"""The matching operation in plain torch, for exporters.

Each row of the source is multiplied with the rows that its patches reach. The patches lie on the
diagonals of the W x (W + 2k) products. Padding the flat product by one element a row turns
diagonals into columns. There is no gather of windows and no custom operator, so that an exported
model runs anywhere; sizes may be symbolic. Devices without a backend of their own use it too.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from .reference import displacement_grid
from .space_to_batch import batch_to_space, space_to_batch


def correlation(source: Tensor, target: Tensor, max_displacement: int) -> Tensor:
    """Rectified local correlation, as (N, H, W, P * P).

    Args:
        source: Features of the first frame of each pair, (N, C, H, W).
        target: Features of the second frame, (N, C, H, W); zero outside the image.
        max_displacement: k; P = 2k + 1.
    """
    height, width = source.shape[-2:]
    patch = 2 * max_displacement + 1
    left = source.permute(0, 2, 3, 1)
    right = F.pad(target, [max_displacement] * 4).permute(0, 2, 1, 3)
    rows = []
    for y in range(patch):
        row = (left @ right[:, y : y + height]).flatten(2)
        # Position x finds its patch at columns x to x + 2k; one more column a row shifts it to 0.
        row = F.pad(row, [0, width]).unflatten(2, (width, width + patch))
        rows.append(row[..., :patch])
    return torch.cat(rows, dim=3).relu()


def match(
    source: Tensor,
    target: Tensor,
    max_displacement: int,
    dilation: int,
    sigma: float | None,
    temperature: float,
) -> tuple[Tensor, Tensor]:
    """The same as :func:`.reference.match`."""
    size = source.shape[-2:]
    source, target = space_to_batch(source, dilation), space_to_batch(target, dilation)
    scores = correlation(source, target, max_displacement)
    # Not max() or topk(): only argmax returns the first of equal scores in every exporter.
    best = scores.argmax(dim=3, keepdim=True)
    confidence = scores.gather(3, best)
    grid = displacement_grid(max_displacement, scores)

    logits = scores / temperature
    if sigma is not None:
        x, y = (steps[best] for steps in grid)
        distance = (grid[0] - x).square() + (grid[1] - y).square()
        logits = logits * torch.exp(-distance / (2 * sigma**2))
    displacement = logits.softmax(dim=3) @ grid.T / max(max_displacement, 1)
    return (
        batch_to_space(displacement.permute(0, 3, 1, 2), dilation, size),
        batch_to_space(confidence.permute(0, 3, 1, 2), dilation, size),
    )
