"""The matching operation on a CPU: matrix products on tiles that stay in the cache.

One matrix product of a tile's positions with its window gives the *band*: the correlations of all
positions with the whole window. That is about twice as many as their patches need, but at a matrix
product's speed; the patches are a strided view of the band (:mod:`.tiling`).

Nothing of the cost volume's size outlives a chunk of tiles: the backward pass recomputes the
scores. The buffers live for one call only, so that neither threads nor ``inference_mode`` meet in
them.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from .matching_reference import displacement_grid
from .space_to_batch import batch_to_space, space_to_batch
from .tiling import Tiling

#: Of the bands of one chunk. Larger ones fall out of the cache.
CHUNK_BYTES = 2**21

#: Least exponent, base 2. Smaller weights vanish beside the largest, 1, and as denormal numbers
#: they would be slow just where matches are clear.
LEAST_EXPONENT = {torch.float32: -60.0, torch.float64: -1000.0}


class _Chunk(NamedTuple):
    """Weights of some tiles; M positions in all.

    Attributes:
        scores: Rectified correlations, (M, P * P).
        factors: What the scores were multiplied with, base 2: (M, P * P), or one number.
        confidence: Best score, (M, 1).
        best: Its index, (M, 1).
        weights: Softmax before its division by the sum, (M, P * P).
    """

    scores: Tensor
    factors: Tensor | float
    confidence: Tensor
    best: Tensor
    weights: Tensor


class _Matcher:
    """The constants and buffers of one call, and the way from tiles to weights.

    Args:
        like: The features, (N, C, H, W).
        max_displacement: k.
        sigma: As in :func:`.matching_reference.match`.
        temperature: Likewise.
    """

    def __init__(
        self, like: Tensor, max_displacement: int, sigma: float | None, temperature: float
    ):
        self.tiling = tiling = Tiling(max_displacement, *like.shape[-2:])
        grid = displacement_grid(max_displacement, like)
        #: x, y and 1 for each displacement, (3, P * P).
        self.moments = torch.cat([grid, torch.ones_like(grid[:1])])
        #: P * P, ..., 2, 1.
        self.order = torch.arange(grid.shape[1], 0, -1, dtype=like.dtype)
        #: From scores to exponents, base 2.
        self.scale = math.log2(math.e) / temperature
        self.table = None
        if sigma is not None:
            steps = grid[0, : 2 * max_displacement + 1]
            gaussian = torch.exp(-(steps[:, None] - steps).square() / (2 * sigma**2))
            self.table = torch.kron(gaussian, gaussian) * self.scale

        positions, window = math.prod(tiling.tile), math.prod(tiling.window)
        limit = max(1, CHUNK_BYTES // (positions * window * like.element_size()))
        pairs = max(1, min(len(like), limit // (tiling.rows * tiling.columns)))
        rows = max(1, min(tiling.rows, limit // tiling.columns))
        #: Chunks: groups of pairs, and of rows of tiles.
        self.pair_groups = [slice(i, i + pairs) for i in range(0, len(like), pairs)]
        self.row_groups = [slice(i, i + rows) for i in range(0, tiling.rows, rows)]

        tiles = pairs * rows * tiling.columns
        self.bands = like.new_empty(tiles, positions, window)
        self.scores = like.new_empty(tiles * positions, self.moments.shape[1])
        self.weights = torch.empty_like(self.scores)
        self.factors = None if self.table is None else torch.empty_like(self.scores)

    def weigh(self, source: Tensor, windows: Tensor, best: Tensor | None = None) -> _Chunk:
        """Weights of a chunk's displacements, valid until the next call.

        Args:
            source: Tiles, (pairs * columns, rows, C, R * B).
            windows: What they see of the target, (pairs * columns, rows, C, window).
            best: Indices of the best scores, (M, 1), where they are known.
        """
        columns, rows = source.shape[:2]
        bands = self.bands[: columns * rows]
        for i in range(columns):
            torch.bmm(source[i].mT, windows[i], out=bands[i * rows : (i + 1) * rows])
        patches = self.tiling.patches(bands)
        m = patches.shape[:3].numel()
        scores, weights = self.scores[:m], self.weights[:m]
        torch.clamp(patches, min=0, out=scores.view(patches.shape))

        if best is None:
            confidence, best = self._first_best(scores, scratch=weights)
        else:
            confidence = scores.gather(1, best)
        if self.table is None:
            factors = self.scale
        else:
            factors = torch.index_select(self.table, 0, best.flatten(), out=self.factors[:m])
        torch.mul(scores, factors, out=weights)
        # The best score has the largest exponent: the Gaussian is 1 there and less elsewhere.
        weights.sub_(confidence * self.scale).clamp_(min=LEAST_EXPONENT[scores.dtype]).exp2_()
        return _Chunk(scores, factors, confidence, best, weights)

    def _first_best(self, scores: Tensor, scratch: Tensor) -> tuple[Tensor, Tensor]:
        """What ``scores.max(dim=1, keepdim=True)`` gives, in half its time."""
        confidence = scores.amax(dim=1, keepdim=True)
        torch.eq(scores, confidence, out=scratch)
        # Of equal scores the first counts most.
        best = len(self.order) - scratch.mul_(self.order).amax(dim=1, keepdim=True)
        # Nothing equals a confidence of NaN; its index must still be one.
        return confidence, best.long().clamp_(max=len(self.order) - 1)


def forward(
    source: Tensor,
    target: Tensor,
    max_displacement: int,
    dilation: int,
    sigma: float | None,
    temperature: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Match normalised features in float32 or float64.

    The arguments are those of :func:`.matching_reference.match`.

    Returns:
        Displacement (N, 2, H, W) and confidence (N, 1, H, W); for :func:`backward`, the index of
        the best displacement, int64, and the softmax's sum, both (N, 1, H, W).
    """
    size = source.shape[-2:]
    source, target = space_to_batch(source, dilation), space_to_batch(target, dilation)
    matcher = _Matcher(source, max_displacement, sigma, temperature)
    tiling = matcher.tiling
    # Sums of w x, w y and w, the confidence, and the best index, which is exact as a float.
    found = source.new_empty(len(source), 5, *source.shape[-2:])
    for pairs in matcher.pair_groups:
        tiles, columns = tiling.split(source[pairs]), tiling.split_columns(target[pairs])
        windows = tiling.windows(columns).flatten(3)
        tiles_found = tiles.new_empty(*tiles.shape[:2], 5, tiles.shape[3])
        for rows in matcher.row_groups:
            chunk = matcher.weigh(tiles[:, rows], windows[:, rows])
            sums = chunk.weights @ matcher.moments.T
            values = torch.cat([sums, chunk.confidence, chunk.best.to(sums)], dim=1)
            place = tiles_found[:, rows].mT
            place.copy_(values.view(place.shape))
        found[pairs] = tiling.join(tiles_found)

    found = batch_to_space(found, dilation, size)
    # Copies: an operator's outputs may not be views of one tensor.
    total, confidence = (
        x.clone(memory_format=torch.contiguous_format) for x in found[:, 2:4].split(1, 1)
    )
    displacement = found[:, :2] / (total * max(max_displacement, 1))
    return displacement, confidence, found[:, 4:].int(), total


def backward(
    grad_displacement: Tensor,
    grad_confidence: Tensor,
    source: Tensor,
    target: Tensor,
    displacement: Tensor,
    best: Tensor,
    total: Tensor,
    max_displacement: int,
    dilation: int,
    sigma: float | None,
    temperature: float,
) -> tuple[Tensor, Tensor]:
    """Gradients of the source and the target, from the outputs' and what :func:`forward` gave."""
    size = source.shape[-2:]
    # With D = sum of w p / (k sum of w), the gradient of D's exponents is w (p / k - D): for each
    # position a combination of x, y and 1. ln 2, because the exponents are base 2.
    slope = grad_displacement * math.log(2) / total
    offset = -(slope * displacement).sum(dim=1, keepdim=True)
    known = [slope / max(max_displacement, 1), offset, grad_confidence, best.to(total)]
    source, target, known = (
        space_to_batch(x, dilation) for x in (source, target, torch.cat(known, dim=1))
    )
    matcher = _Matcher(source, max_displacement, sigma, temperature)
    tiling = matcher.tiling
    grad_source = torch.empty_like(source, memory_format=torch.contiguous_format)
    grad_target = torch.empty_like(grad_source)
    grad_scores = torch.empty_like(matcher.scores)
    # Only patches are written to it, always at the same places: the rest stays zero.
    grad_bands = torch.zeros_like(matcher.bands)

    for pairs in matcher.pair_groups:
        tiles, columns = tiling.split(source[pairs]), tiling.split_columns(target[pairs])
        windows = tiling.windows(columns).flatten(3)
        tiles_known = tiling.split(known[pairs])
        grad_tiles, grad_columns = torch.empty_like(tiles), torch.zeros_like(columns)
        for rows in matcher.row_groups:
            slopes, grad_best, best = (
                tiles_known[:, rows].mT.reshape(-1, 5).tensor_split((3, 4), dim=1)
            )
            chunk = matcher.weigh(tiles[:, rows], windows[:, rows], best.long())
            grad = torch.mm(slopes, matcher.moments, out=grad_scores[: len(slopes)])
            grad.mul_(chunk.weights).mul_(chunk.factors).scatter_add_(1, chunk.best, grad_best)
            torch.ops.aten.threshold_backward.grad_input(grad, chunk.scores, 0, grad_input=grad)

            count = len(range(tiling.rows)[rows])
            bands = grad_bands[: len(tiles) * count]
            patches = tiling.patches(bands)
            patches.copy_(grad.view(patches.shape))
            for i, band in enumerate(bands.unflatten(0, (-1, count))):
                torch.bmm(windows[i, rows], band.mT, out=grad_tiles[i, rows])
                seen = torch.bmm(tiles[i, rows], band).unflatten(2, tiling.window)
                tiling.add_windows(grad_columns[i], rows, seen)
        grad_source[pairs] = tiling.join(grad_tiles)
        grad_target[pairs] = tiling.join_columns(grad_columns)
    return (
        batch_to_space(grad_source, dilation, size),
        batch_to_space(grad_target, dilation, size),
    )
