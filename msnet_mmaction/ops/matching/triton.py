"""The matching operation on a GPU: the cost volume never reaches memory.

The arithmetic is that of :mod:`.cpu`; the kernels are in :mod:`.kernels`. They have no atomic
additions, so that the backward pass is always reproducible bit for bit.
"""

import contextlib

import torch
import triton
from torch import Tensor

from .kernels import backward_kernel, forward_kernel
from .space_to_batch import batch_to_space, space_to_batch

#: Positions of a program: the smallest size of a matrix product on tensor cores.
BLOCK = 16
#: Channels of a matrix product; more are summed in a loop.
MAX_CHANNELS = 64
WARPS = 4
#: A pipeline of loads would need more registers than there are.
STAGES = 1


def _tf32_allowed() -> bool:
    matmul = torch.backends.cuda.matmul
    # allow_tf32 cannot be read after the newer setting, if it exists, was used.
    if hasattr(matmul, 'fp32_precision'):
        return matmul.fp32_precision == 'tf32'
    return matmul.allow_tf32


def _constants(channels: int, max_displacement: int, sigma: float | None, half: bool) -> dict:
    reach = BLOCK + 2 * max_displacement
    return {
        'BC': max(16, min(MAX_CHANNELS, triton.next_power_of_2(channels))),
        'BX': BLOCK,
        'BL': triton.next_power_of_2(reach),
        'GAUSSIAN': sigma is not None,
        'HALF': half,
        'PRECISION': 'tf32' if _tf32_allowed() else 'ieee',
        'num_warps': WARPS,
        'num_stages': STAGES,
    }


def _scalars(
    like: Tensor, max_displacement: int, sigma: float | None, temperature: float
) -> tuple[int, int, int, int, float, float]:
    falloff = 0.0 if sigma is None else -1 / (2 * sigma**2)
    return *like.shape[1:], max_displacement, falloff, 1 / temperature


def _on_device(like: Tensor) -> contextlib.AbstractContextManager:
    """Make the device of a tensor the current one, on which Triton launches."""
    return torch.cuda.device(like.device) if like.is_cuda else contextlib.nullcontext()


def forward(
    source: Tensor,
    target: Tensor,
    max_displacement: int,
    dilation: int,
    sigma: float | None,
    temperature: float,
    half: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Match normalised features in float32; see :func:`.operator.match_op`."""
    size = source.shape[-2:]
    source = space_to_batch(source, dilation).contiguous()
    target = space_to_batch(target, dilation).contiguous()
    n, channels, height, width = source.shape
    confidence = source.new_empty(n, 1, height, width)
    displacement = source.new_empty(n, 2, height, width)
    total = torch.empty_like(confidence)
    best = torch.empty_like(confidence, dtype=torch.int32)
    with _on_device(source):
        forward_kernel[(n * height, triton.cdiv(width, BLOCK))](
            source,
            target,
            displacement,
            confidence,
            best,
            total,
            *_scalars(source, max_displacement, sigma, temperature),
            **_constants(channels, max_displacement, sigma, half),
        )
    displacement, confidence, best, total = (
        batch_to_space(x, dilation, size) for x in (displacement, confidence, best, total)
    )
    return displacement, confidence, best, total


def backward(
    grad_displacement: Tensor,
    grad_confidence: Tensor,
    source: Tensor,
    target: Tensor,
    displacement: Tensor,
    confidence: Tensor,
    best: Tensor,
    total: Tensor,
    max_displacement: int,
    dilation: int,
    sigma: float | None,
    temperature: float,
    half: bool,
) -> tuple[Tensor, Tensor]:
    """Gradients of the source and the target; see :func:`.operator.match_backward_op`."""
    size = source.shape[-2:]
    # With D = sum of w p / (k sum of w), the gradient of D's exponents is w (p / k - D).
    slope = grad_displacement / total
    offset = -(slope * displacement).sum(dim=1, keepdim=True)
    slope = slope / max(max_displacement, 1)
    maps = [slope[:, :1], slope[:, 1:], offset, grad_confidence, confidence, best]
    source, target, *maps = (
        space_to_batch(x, dilation).contiguous() for x in (source, target, *maps)
    )
    n, channels, height, width = source.shape
    scalars = _scalars(source, max_displacement, sigma, temperature)
    constants = _constants(channels, max_displacement, sigma, half)
    grid = (n * height, triton.cdiv(width, BLOCK), triton.cdiv(channels, constants['BC']))
    grads = []
    with _on_device(source):
        for own, other in ((source, target), (target, source)):
            grad = torch.empty_like(own)
            backward_kernel[grid](
                own,
                other,
                grad,
                *maps,
                *scalars,
                OWN_IS_SOURCE=own is source,
                **constants,
            )
            grads.append(batch_to_space(grad, dilation, size))
    return grads[0], grads[1]
