"""Convolution, batch norm, addition and ReLU in one pass over memory, for inference on a CPU.

On a CPU a batch norm, an addition and a ReLU each cost a walk through a tensor that the convolution
has just written. oneDNN, which torch convolves with, does all of them while it writes: the batch
norm folded into the weights, the others as its post-operations.
"""

import math
import weakref
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights
from torch.utils.flop_counter import register_flop_formula

from ...ops.torch_features import HAS_CUSTOM_OPS, is_compiling

#: Builds for some processors lack oneDNN; torch 2.4, which brought operators, also tells what
#: autocast casts to.
_AVAILABLE = torch.backends.mkldnn.is_available() and HAS_CUSTOM_OPS


@dataclass(frozen=True)
class _Folded:
    """Weights as oneDNN wants them, and what they were made of."""

    sources: tuple
    weight: Tensor
    bias: Tensor


# Beside the modules, not in them: copies, pickles and state dicts of a model know nothing of it.
_folded: weakref.WeakKeyDictionary[nn.Conv2d, _Folded] = weakref.WeakKeyDictionary()


def forget_folded(model: nn.Module) -> None:
    """Drop what was folded for the convolutions of a model.

    Weights that change by torch's own means are noticed. Those written through ``.data``, as an
    exponential moving average does, are not: a network calls this when its mode is set.
    """
    for module in model.modules():
        _folded.pop(module, None)


def can_fold(x: Tensor, *norms: nn.Module) -> bool:
    """Whether ``x`` may be convolved by :func:`folded_conv`: inference, on a CPU, not recorded."""
    return (
        _AVAILABLE
        and x.device.type == 'cpu'
        and x.numel() > 0
        and _compute_dtype(x) in (torch.float32, torch.bfloat16)
        and not any(norm.training for norm in norms)
        and not torch.is_grad_enabled()
        and not is_compiling()
        and not torch.jit.is_tracing()
        and torch.backends.mkldnn.enabled
    )


def folded_conv(
    conv: nn.Conv2d,
    norm: nn.Module,
    x: Tensor,
    relu: bool = True,
    add: Tensor | None = None,
    overwrite: bool = False,
) -> Tensor:
    """``relu(norm(conv(x)) + add)``; see :func:`can_fold`.

    Args:
        conv: A convolution with zero padding.
        norm: The batch norm after it, in inference mode; Identity if it is folded already.
        x: (N, C, H, W).
        relu: Whether there is a ReLU at the end.
        add: What is added before the ReLU, of the result's shape.
        overwrite: Whether the result may take the place of ``add``. New memory costs time, too.

    Returns:
        (N, C', H', W'), in the dtype of autocast if that is on.
    """
    dtype = _compute_dtype(x)
    folded = _fold(conv, norm, dtype, x.shape)
    # By value: oneDNN takes lists of numbers alone.
    places = [list(conv.padding), list(conv.stride), list(conv.dilation), conv.groups]
    if add is None:
        return torch.ops.mkldnn._convolution_pointwise(
            x.to(dtype), folded.weight, folded.bias, *places, 'relu' if relu else 'none', [], ''
        )
    add = add.to(dtype)
    arguments = (folded.weight, folded.bias, *places, 'add', 1.0, 'relu' if relu else None, [], '')
    if overwrite:
        return torch.ops.mkldnn._convolution_pointwise_.binary(add, x.to(dtype), *arguments)
    return torch.ops.mkldnn._convolution_pointwise.binary(x.to(dtype), add, *arguments)


def _compute_dtype(x: Tensor) -> torch.dtype:
    autocast = torch.is_autocast_enabled('cpu') and x.dtype != torch.float64
    return torch.get_autocast_dtype('cpu') if autocast else x.dtype


def _state(tensor: Tensor) -> tuple[int, int]:
    """What changes when a tensor is written to; one of inference mode is counted as constant."""
    return tensor.data_ptr(), 0 if tensor.is_inference() else tensor._version


def _fold(conv: nn.Conv2d, norm: nn.Module, dtype: torch.dtype, size: torch.Size) -> _Folded:
    tensors = [conv.weight, conv.bias]
    if isinstance(norm, nn.BatchNorm2d):
        tensors += [norm.weight, norm.bias, norm.running_mean, norm.running_var]
    sources = (dtype, *(_state(t) for t in tensors if t is not None))
    folded = _folded.get(conv)
    if folded is None or folded.sources != sources:
        weight, bias = conv.weight, conv.bias
        if isinstance(norm, nn.BatchNorm2d):
            weight, bias = fuse_conv_bn_weights(
                weight, bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
            )
        # Without a size, oneDNN may choose a layout that takes twice the time in bfloat16. That of
        # the first input serves others too.
        weight = torch.ops.mkldnn._reorder_convolution_weight(
            weight.detach().to(dtype), conv.padding, conv.stride, conv.dilation, conv.groups, size
        )
        bias = None if bias is None else bias.detach().to(dtype)
        folded = _folded[conv] = _Folded(sources, weight, bias)
    return folded


def _count_flops(x: tuple, *arguments: Any, out_shape: tuple, **_: Any) -> int:
    # With an addend, the weight is the third argument, else there is a bias or nothing.
    second, third = arguments[:2]
    weight = third if isinstance(third, tuple | torch.Size) and len(third) == 4 else second
    return 2 * out_shape[0] * math.prod(out_shape[2:]) * math.prod(weight)


if _AVAILABLE:
    register_flop_formula(
        [torch.ops.mkldnn._convolution_pointwise, torch.ops.mkldnn._convolution_pointwise_]
    )(_count_flops)
