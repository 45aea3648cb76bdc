"""The matching operation as an operator of torch, ``msnet_mmaction::match``.

``torch.compile`` keeps it as one node of its graph, profilers and FLOPs counters show its name, and
torch chooses the backend by the device of the tensors.
"""

from typing import Any

import torch
from torch import Tensor

from . import cpu


def _contiguous(outputs: tuple[Tensor, ...]) -> Any:
    """Contiguous outputs, as the fakes have: compiled code checks the strides of outputs."""
    return tuple(x.contiguous() for x in outputs)


@torch.library.custom_op('msnet_mmaction::match', mutates_args=(), device_types='cpu')
def match_op(
    source: Tensor,
    target: Tensor,
    max_displacement: int,
    dilation: int,
    sigma: float | None,
    temperature: float,
    half: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Match normalised features.

    Args:
        source: L2-normalised features, (N, C, H, W); float32, on a CPU also float64.
        target: Likewise.
        max_displacement: As in :func:`.reference.match`.
        dilation: Likewise.
        sigma: Likewise.
        temperature: Likewise.
        half: Whether a GPU may multiply in float16.

    Returns:
        Displacement (N, 2, H, W) and confidence (N, 1, H, W); for the backward pass the index of
        the best displacement, int32, and the softmax's sum, both (N, 1, H, W).
    """
    return _contiguous(cpu.forward(source, target, max_displacement, dilation, sigma, temperature))


@torch.library.custom_op('msnet_mmaction::match_backward', mutates_args=(), device_types='cpu')
def match_backward_op(
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
    """Gradients of the source and the target, from what :func:`match_op` took and gave."""
    gradients = cpu.backward(
        grad_displacement,
        grad_confidence,
        source,
        target,
        displacement,
        best,
        total,
        max_displacement,
        dilation,
        sigma,
        temperature,
    )
    return _contiguous(gradients)


@match_op.register_kernel('cuda')
def _match_cuda(*args: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    # Triton is imported by the first call: it is optional, and slow to import.
    from . import triton

    return _contiguous(triton.forward(*args))


@match_backward_op.register_kernel('cuda')
def _match_backward_cuda(*args: Any) -> tuple[Tensor, Tensor]:
    from . import triton

    return _contiguous(triton.backward(*args))


@match_op.register_fake
def _match_fake(source: Tensor, *args: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    n, _, height, width = source.shape
    one = source.new_empty(n, 1, height, width)
    return (
        source.new_empty(n, 2, height, width),
        one,
        torch.empty_like(one, dtype=torch.int32),
        torch.empty_like(one),
    )


@match_backward_op.register_fake
def _match_backward_fake(
    grad_displacement: Tensor,
    grad_confidence: Tensor,
    source: Tensor,
    target: Tensor,
    *args: Any,
) -> tuple[Tensor, Tensor]:
    return source.new_empty(source.shape), target.new_empty(target.shape)


def _setup_context(ctx: Any, inputs: tuple, output: tuple) -> None:
    source, target, *ctx.arguments = inputs
    _, _, best, total = output
    ctx.mark_non_differentiable(best, total)
    ctx.save_for_backward(source, target, *output)


def _backward(ctx: Any, grad_displacement: Tensor, grad_confidence: Tensor, *_: Any) -> tuple:
    gradients = match_backward_op(
        grad_displacement, grad_confidence, *ctx.saved_tensors, *ctx.arguments
    )
    return *gradients, *[None] * len(ctx.arguments)


def _no_double_backward(ctx: Any, *gradients: Tensor) -> None:
    raise RuntimeError(
        'match() has no second derivative on this backend; use backend="reference" for it'
    )


match_op.register_autograd(_backward, setup_context=_setup_context)
match_backward_op.register_autograd(_no_double_backward)
