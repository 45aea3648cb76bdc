"""The matching operation on a CPU: matrix products on tiles that stay in the cache.

One matrix product of a tile's positions with its window gives the *band*: the correlations of all
positions with the whole window. These are about twice as many as the patches need, but a matrix
product is fast. The patches are a strided view of the band (:mod:`.tiling`).

The cost volume is held for one chunk of tiles at a time; the backward pass computes the scores
again. The buffers belong to one call, so that threads do not share them.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from .reference import displacement_grid
from .space_to_batch import batch_to_space, space_to_batch
from .tiling import Tiling

#: Bytes of the bands of one chunk. Larger ones do not fit into the cache.
CHUNK_BYTES = 2**21

#: Least exponent of a weight, base 2. Smaller weights are negligible beside the largest, which is
#: 1, and computing with denormal numbers is slow.
LEAST_EXPONENT = {torch.float32: -60.0, torch.float64: -1000.0}


class _Chunk(NamedTuple):
    """Weights of some tiles; M positions in all.

    Attributes:
        scores: Rectified correlations, (M, P * P).
        factors: Factors from scores to exponents, base 2: (M, P * P), or one number.
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
    """Computes weights from tiles; holds the constants and buffers of one call.

    Args:
        like: The features, (N, C, H, W).
        tiling: The tiling of these features.
        sigma: As in :func:`.reference.match`.
        temperature: Likewise.
        keep_factors: Whether the caller reads the factors of a chunk. If not, the weights overwrite
            them.
    """

    def __init__(
        self,
        like: Tensor,
        tiling: Tiling,
        sigma: float | None,
        temperature: float,
        keep_factors: bool = False,
    ):
        self.tiling = tiling
        grid = displacement_grid(tiling.k, like)
        #: x, y and 1 for each displacement, (3, P * P).
        self.moments = torch.cat([grid, torch.ones_like(grid[:1])])
        #: P * P, ..., 2, 1.
        self.order = torch.arange(grid.shape[1], 0, -1, dtype=like.dtype)
        #: From scores to exponents, base 2.
        self.scale = math.log2(math.e) / temperature
        self.table = None
        if sigma is not None:
            steps = grid[0, : 2 * tiling.k + 1]
            gaussian = torch.exp(-(steps[:, None] - steps).square() / (2 * sigma**2))
            self.table = torch.kron(gaussian, gaussian) * self.scale

        positions, window = math.prod(tiling.tile), math.prod(tiling.window)
        limit = max(1, CHUNK_BYTES // (positions * window * like.element_size()))
        beside = len(like) * tiling.columns
        columns, rows = min(beside, limit), min(tiling.rows, max(1, limit // max(beside, 1)))
        #: Chunks of tiles: some columns of one row or, if there are few columns, all of several
        #: rows. Downwards first: a window shares most of its target with the next one below.
        self.chunks = [
            (slice(i, i + rows), slice(j, j + columns))
            for j in range(0, beside, max(columns, 1))
            for i in range(0, tiling.rows, rows)
        ]
        tiles = columns * rows
        self.bands = like.new_empty(tiles, positions, window)
        self.scores = like.new_empty(tiles * positions, self.moments.shape[1])
        self.weights = torch.empty_like(self.scores)
        self.factors = torch.empty_like(self.scores) if keep_factors else self.weights

    def weigh(self, source: Tensor, windows: Tensor, best: Tensor | None = None) -> _Chunk:
        """Weights of a chunk's displacements, valid until the next call.

        Args:
            source: Tiles, (rows, columns, C, R * B).
            windows: Their windows of the target, (rows, columns, C, window).
            best: Indices of the best scores, (M, 1), if they are known.
        """
        bands = self.bands[: source.shape[:2].numel()]
        rows = zip(source, windows, bands.unflatten(0, source.shape[:2]), strict=True)
        for tiles, seen, band in rows:
            torch.bmm(tiles.mT, seen, out=band)
        patches = self.tiling.patches(bands)
        m = patches.shape[:3].numel()
        scores, weights = self.scores[:m], self.weights[:m]
        torch.clamp(patches, min=0, out=scores.view(patches.shape))

        if best is None:
            confidence, best = self._first_best(scores, scratch=weights)
        else:
            confidence = scores.gather(1, best)
        factors: Tensor | float = self.scale
        if self.table is not None:
            factors = torch.index_select(self.table, 0, best.flatten(), out=self.factors[:m])
        torch.mul(scores, factors, out=weights)
        # The best score has the largest exponent: the Gaussian is 1 there and less elsewhere.
        weights.sub_(confidence * self.scale).clamp_(min=LEAST_EXPONENT[scores.dtype]).exp2_()
        return _Chunk(scores, factors, confidence, best, weights)

    def _first_best(self, scores: Tensor, scratch: Tensor) -> tuple[Tensor, Tensor]:
        """The result of ``scores.max(dim=1, keepdim=True)``, in half its time."""
        confidence = scores.amax(dim=1, keepdim=True)
        torch.eq(scores, confidence, out=scratch)
        # The first of equal scores has the largest number in ``order``.
        best = len(self.order) - scratch.mul_(self.order).amax(dim=1, keepdim=True)
        # Nothing equals a confidence of NaN; its index must still be valid.
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

    The arguments are those of :func:`.reference.match`.

    Returns:
        Displacement (N, 2, H, W) and confidence (N, 1, H, W); for :func:`backward`, the index of
        the best displacement, int64, and the softmax's sum, both (N, 1, H, W).
    """
    size = source.shape[-2:]
    source, target = space_to_batch(source, dilation), space_to_batch(target, dilation)
    tiling = Tiling(max_displacement, *source.shape[-2:])
    matcher = _Matcher(source, tiling, sigma, temperature)
    tiles, windows = tiling.split(source), tiling.windows(tiling.split_columns(target))
    # Sums of w x, w y and w, the confidence, and the best index, which is exact as a float.
    found = tiles.new_empty(*tiles.shape[:2], tiles.shape[3], 5)
    for place in matcher.chunks:
        chunk = matcher.weigh(tiles[place], windows[place])
        chunk_found = found[place].view(-1, 5)
        torch.mm(chunk.weights, matcher.moments.T, out=chunk_found[:, :3])
        chunk_found[:, 3:4] = chunk.confidence
        chunk_found[:, 4:] = chunk.best
    found = tiling.join(found.mT)

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
    """Gradients of source and target; the other arguments are as in :func:`.match_backward_op`."""
    size = source.shape[-2:]
    # With D = sum of w p / (k sum of w), the gradient of D's exponents is w (p / k - D): for each
    # position a combination of x, y and 1. ln 2, because the exponents are base 2.
    slope = grad_displacement * math.log(2) / total
    offset = -(slope * displacement).sum(dim=1, keepdim=True)
    known = torch.cat(
        [slope / max(max_displacement, 1), offset, grad_confidence, best.to(total)], dim=1
    )
    source, target, known = (space_to_batch(x, dilation) for x in (source, target, known))
    tiling = Tiling(max_displacement, *source.shape[-2:])
    # The buffers of the tiles are freed before the tiles are joined.
    grad_tiles, grad_columns = _backward_tiles(source, target, known, sigma, temperature, tiling)
    return (
        batch_to_space(tiling.join(grad_tiles), dilation, size),
        batch_to_space(tiling.join_columns(grad_columns), dilation, size),
    )


def _backward_tiles(
    source: Tensor,
    target: Tensor,
    known: Tensor,
    sigma: float | None,
    temperature: float,
    tiling: Tiling,
) -> tuple[Tensor, Tensor]:
    matcher = _Matcher(source, tiling, sigma, temperature, keep_factors=sigma is not None)
    tiles, columns = tiling.split(source), tiling.split_columns(target)
    windows, tiles_known = tiling.windows(columns), tiling.split(known).mT.contiguous()
    grad_tiles, grad_columns = torch.empty_like(tiles), torch.zeros_like(columns)
    grad_windows = tiling.windows(grad_columns)
    grad_scores = torch.empty_like(matcher.scores)
    # Only the patches in it are written, always at the same places; the rest stays zero.
    grad_bands = torch.zeros_like(matcher.bands)

    for place in matcher.chunks:
        slopes, grad_best, best = tiles_known[place].view(-1, 5).tensor_split((3, 4), dim=1)
        chunk = matcher.weigh(tiles[place], windows[place], best.long())
        grad = torch.mm(slopes, matcher.moments, out=grad_scores[: len(slopes)])
        grad.mul_(chunk.weights).mul_(chunk.factors).scatter_add_(1, chunk.best, grad_best)
        torch.ops.aten.threshold_backward.grad_input(grad, chunk.scores, 0, grad_input=grad)

        parts = [x[place] for x in (tiles, windows, grad_tiles, grad_windows)]
        rows_and_columns = parts[0].shape[:2]
        bands = grad_bands[: rows_and_columns.numel()]
        patches = tiling.patches(bands)
        patches.copy_(grad.view(patches.shape))
        for row, seen, grad_row, grad_seen, band in zip(
            *parts, bands.unflatten(0, rows_and_columns), strict=True
        ):
            torch.bmm(seen, band.mT, out=grad_row)
            # Windows of different rows overlap: one row at a time.
            grad_seen += torch.bmm(row, band)
    return grad_tiles, grad_columns
