"""Triton kernels of the matching operation.

A program owns BX neighbouring positions of one row of one image. For each row of their patches one
``tl.dot`` with the other image's row gives BX x BL correlations, of which a diagonal band are the
patches': column l belongs to position x if 0 <= l - x <= 2k. The scores are held in registers only
and computed again where they are needed again.

All images are (N, C, H, W), contiguous, float32. Every program writes its own positions only, so
there are no atomic additions and results are the same from run to run.
"""

import triton
import triton.language as tl


@triton.jit
def _load(image, row, first, H, W, c, C, BC: tl.constexpr, BX: tl.constexpr):
    """Features (BC, BX) of one row from column ``first`` on, zero outside the image."""
    channels = c + tl.arange(0, BC)
    columns = first + tl.arange(0, BX)
    # Rows outside are masked by a block: a scalar condition gives no mask in the interpreter.
    inside = (columns >= 0) & (columns < W) & (columns * 0 + row >= 0) & (columns * 0 + row < H)
    place = channels[:, None] * (H * W) + row * W + columns[None, :]
    return tl.load(image + place, mask=(channels[:, None] < C) & inside[None, :], other=0.0)


@triton.jit
def _scores(
    own, other, row, other_row, first, k, H, W, C,
    BC: tl.constexpr, BX: tl.constexpr, BL: tl.constexpr,
    HALF: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Rectified correlations (BX, BL) of positions of one row with the columns of their patches."""
    scores = tl.zeros((BX, BL), dtype=tl.float32)
    for c in range(0, C, BC):
        a = tl.trans(_load(own, row, first, H, W, c, C, BC, BX))
        b = _load(other, other_row, first - k, H, W, c, C, BC, BL)
        if HALF:
            # Normalised features lie in [-1, 1], where float16 is finer than bfloat16.
            scores = tl.dot(a.to(tl.float16), b.to(tl.float16), scores)
        else:
            scores = tl.dot(a, b, scores, input_precision=PRECISION)
    # Not tl.maximum(), which makes zeros of NaNs.
    return tl.where(scores < 0.0, 0.0, scores)


@triton.jit
def _gaussian(x, y, best, P, falloff):
    """Gaussian of the distance between displacements (x, y) and those of index ``best``."""
    dx = (x - best % P).to(tl.float32)
    dy = (y - best // P).to(tl.float32)
    return tl.exp((dx * dx + dy * dy) * falloff)


@triton.jit
def forward_kernel(
    source, target, displacement, confidence, best_index, total,
    C, H, W, k, falloff, inverse_temperature,
    BC: tl.constexpr, BX: tl.constexpr, BL: tl.constexpr,
    GAUSSIAN: tl.constexpr, HALF: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Displacement, confidence, index of the best score and softmax's sum of BX positions.

    Grid (N * H, ceil(W / BX)). ``falloff`` is -1 / (2 sigma^2).
    """
    image = (tl.program_id(0) // H).to(tl.int64)
    row = tl.program_id(0) % H
    first = tl.program_id(1) * BX
    source += image * C * H * W
    target += image * C * H * W
    P = 2 * k + 1
    x = tl.arange(0, BL)[None, :] - tl.arange(0, BX)[:, None]
    valid = (x >= 0) & (x < P)

    best = tl.full((BX,), -1.0, dtype=tl.float32)
    index = tl.zeros((BX,), dtype=tl.int32)
    for y in range(0, P):
        scores = _scores(source, target, row, row + y - k, first, k, H, W, C,
                         BC, BX, BL, HALF, PRECISION)  # fmt: skip
        scores = tl.where(valid, scores, -1.0)
        row_best = tl.max(scores, axis=1)
        row_x = tl.min(tl.where(scores == row_best[:, None], x, P), axis=1)
        # Strictly larger: the first of equal scores is kept.
        better = row_best > best
        index = tl.where(better, y * P + row_x, index)
        best = tl.where(better, row_best, best)

    sum_1 = tl.zeros((BX,), dtype=tl.float32)
    sum_x = tl.zeros((BX,), dtype=tl.float32)
    sum_y = tl.zeros((BX,), dtype=tl.float32)
    for y in range(0, P):
        scores = _scores(source, target, row, row + y - k, first, k, H, W, C,
                         BC, BX, BL, HALF, PRECISION)  # fmt: skip
        if GAUSSIAN:
            scores *= _gaussian(x, y, index[:, None], P, falloff)
        weights = tl.exp((scores - best[:, None]) * inverse_temperature)
        weights = tl.where(valid, weights, 0.0)
        row_sum = tl.sum(weights, axis=1)
        sum_1 += row_sum
        sum_x += tl.sum(weights * (x - k).to(tl.float32), axis=1)
        sum_y += row_sum * (y - k).to(tl.float32)

    columns = first + tl.arange(0, BX)
    inside = columns < W
    place = image * H * W + row * W + columns
    scale = 1.0 / (sum_1 * tl.maximum(k, 1).to(tl.float32))
    tl.store(displacement + place + image * H * W, sum_x * scale, mask=inside)
    tl.store(displacement + place + (image + 1) * H * W, sum_y * scale, mask=inside)
    # The search for the best score passes NaNs over, the sum does not.
    confident = tl.where(sum_1 == sum_1, best, sum_1)
    tl.store(confidence + place, confident, mask=inside)
    tl.store(best_index + place, index, mask=inside)
    tl.store(total + place, sum_1, mask=inside)


@triton.jit
def backward_kernel(
    own, other, grad_own, slope_x, slope_y, offset, grad_confidence, confidence, best_index,
    C, H, W, k, falloff, inverse_temperature,
    OWN_IS_SOURCE: tl.constexpr,
    BC: tl.constexpr, BX: tl.constexpr, BL: tl.constexpr,
    GAUSSIAN: tl.constexpr, HALF: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Gradient of BX positions of the source, or of the target, and of BC of their channels.

    Grid (N * H, ceil(W / BX), ceil(C / BC)). A position of the target gathers from all positions
    of the source whose patches contain it, with the negative displacements.

    The gradient of a score is ``weight * (slope_x * x + slope_y * y + offset)``, where (x, y) is
    its displacement, in steps. Slopes and offset hold the division by the softmax's sum. All
    pointers from ``slope_x`` on are maps (N, 1, H, W) of the source.
    """
    image = (tl.program_id(0) // H).to(tl.int64)
    row = tl.program_id(0) % H
    first = tl.program_id(1) * BX
    chunk = tl.program_id(2) * BC
    own += image * C * H * W
    other += image * C * H * W
    P = 2 * k + 1
    shift = tl.arange(0, BL)[None, :] - tl.arange(0, BX)[:, None]
    reachable = (shift >= 0) & (shift < P)
    columns = first + tl.arange(0, BX)
    grad = tl.zeros((BX, BC), dtype=tl.float32)

    for step in range(0, P):
        other_row = row + step - k
        scores = _scores(own, other, row, other_row, first, k, H, W, C,
                         BC, BX, BL, HALF, PRECISION)  # fmt: skip
        if OWN_IS_SOURCE:
            x = shift
            y = step
            positions = columns[:, None]
            source_row = row
        else:
            x = 2 * k - shift
            y = 2 * k - step
            positions = (first - k + tl.arange(0, BL))[None, :]
            source_row = other_row
        inside = (positions >= 0) & (positions < W)
        inside &= (positions * 0 + source_row >= 0) & (positions * 0 + source_row < H)
        place = image * H * W + source_row * W + positions
        best = tl.load(best_index + place, mask=inside, other=0)
        highest = tl.load(confidence + place, mask=inside, other=0.0)
        factor = inverse_temperature
        if GAUSSIAN:
            factor *= _gaussian(x, y, best, P, falloff)
        weights = tl.exp(scores * factor - highest * inverse_temperature)
        slope = tl.load(slope_x + place, mask=inside, other=0.0) * (x - k).to(tl.float32)
        slope += tl.load(slope_y + place, mask=inside, other=0.0) * (y - k).to(tl.float32)
        slope += tl.load(offset + place, mask=inside, other=0.0)
        grad_scores = weights * factor * slope
        grad_best = tl.load(grad_confidence + place, mask=inside, other=0.0)
        grad_scores += tl.where(y * P + x == best, grad_best, 0.0)
        grad_scores = tl.where(reachable & inside & (scores != 0.0), grad_scores, 0.0)

        b = tl.trans(_load(other, other_row, first - k, H, W, chunk, C, BC, BL))
        # Also for features in half precision: scaled gradients need the range of float32.
        grad = tl.dot(grad_scores, b, grad, input_precision='tf32' if HALF else PRECISION)

    channels = chunk + tl.arange(0, BC)
    place = image * C * H * W + channels[None, :] * (H * W) + row * W + columns[:, None]
    tl.store(grad_own + place, grad, mask=(channels[None, :] < C) & (columns[:, None] < W))
