"""Convolution, batch norm, addition and activation as one module, for inference."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from ...ops import shifted_in_place, temporal_shift
from ...ops.torch_features import HAS_CUSTOM_OPS, is_compiling

#: Whether torch has oneDNN's operators for a convolution with addition and activation, which builds
#: for some processors lack. ``HAS_CUSTOM_OPS`` stands for torch 2.4, which tells autocast's dtype.
_HAS_ONEDNN = torch.backends.mkldnn.is_available() and HAS_CUSTOM_OPS

#: Name and arguments of each activation in oneDNN.
_ONEDNN_ACTIVATIONS = {None: ('none', []), 'relu': ('relu', []), 'relu6': ('hardtanh', [0.0, 6.0])}

_ACTIVATIONS = {'relu': F.relu, 'relu6': F.relu6}


class InferenceOnly(nn.Module):
    """A module without training mode, in a copy made by ``optimize_for_inference``."""

    def train(self, mode: bool = True) -> 'InferenceOnly':
        """Stay in evaluation mode.

        Raises:
            RuntimeError: If ``mode`` is True.
        """
        if mode:
            raise RuntimeError(
                f'{type(self).__name__} is part of a copy made by optimize_for_inference(), which '
                'cannot be trained: train the model that the copy was made of'
            )
        return super().train(mode)


class FusedConv(InferenceOnly):
    """``activation(norm(conv(x)) + add)``, the batch norm folded into the weights.

    On a CPU, in float32 or bfloat16 (also by autocast), oneDNN computes it as one operation. The
    first call packs the weights, which are constants, into oneDNN's layout for the size of its
    input. oneDNN's ReLU turns NaN into 0.

    On other devices, while torch compiles or exports, and where a gradient with respect to ``x`` is
    recorded, it is computed by torch's convolution, addition and activation.

    Args:
        conv: A ``Conv2d`` or ``Conv3d`` with zero padding.
        norm: The batch norm after it, with running statistics; None without one.
        activation: ``'relu'``, ``'relu6'`` or None.

    Raises:
        ValueError: If padding or norm are not of this kind.

    Attributes:
        weight: Folded weights, (C', C / groups, kernel ...).
        bias: Folded bias, (C',).
    """

    weight: Tensor
    bias: Tensor

    def __init__(
        self,
        conv: nn.Conv2d | nn.Conv3d,
        norm: nn.modules.batchnorm._BatchNorm | None = None,
        activation: str | None = None,
    ) -> None:
        super().__init__()
        weight, bias = conv.weight, conv.bias
        if isinstance(conv.padding, str):
            raise ValueError(f'FusedConv takes padding in numbers, not {conv.padding!r}')
        if norm is not None:
            if norm.running_mean is None or norm.running_var is None:
                raise ValueError('FusedConv takes a batch norm with running statistics')
            weight, bias = fuse_conv_bn_weights(
                weight, bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
            )
        if bias is None:
            bias = weight.new_zeros(len(weight))
        self.register_buffer('weight', weight.detach().clone())
        self.register_buffer('bias', bias.detach().clone())
        self.in_channels = conv.in_channels
        self.out_channels = conv.out_channels
        self.stride: list[int] = [*conv.stride]
        self.padding: list[int] = [*conv.padding]
        self.dilation: list[int] = [*conv.dilation]
        self.groups = conv.groups
        self.activation = activation
        self._packed: dict[torch.dtype, tuple[Tensor, Tensor]] = {}
        self.eval()

    def forward(self, x: Tensor, add: Tensor | None = None) -> Tensor:
        """Convolve, add and activate.

        Args:
            x: (N, C, [T,] H, W).
            add: Summand before the activation, of the shape of the result, or None.

        Returns:
            (N, C', [T',] H', W'), in the dtype of autocast if that is on.
        """
        if self._fits_onednn(x):
            return self._run_onednn(x, add)
        convolve = F.conv2d if self.weight.ndim == 4 else F.conv3d
        out = convolve(
            x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )
        if add is not None:
            out = out + add
        return out if self.activation is None else _ACTIVATIONS[self.activation](out)

    def _fits_onednn(self, x: Tensor) -> bool:
        return bool(
            _HAS_ONEDNN
            and torch.backends.mkldnn.enabled
            and x.device.type == 'cpu'
            and self.weight.ndim == 4
            and _compute_dtype(x) in (torch.float32, torch.bfloat16)
            and x.numel() > 0
            and not x.requires_grad
            and not is_compiling()
            and not torch.jit.is_tracing()
        )

    def _run_onednn(self, x: Tensor, add: Tensor | None) -> Tensor:
        x = x.to(_compute_dtype(x))
        if x.dtype not in self._packed:
            self._packed[x.dtype] = self._pack(x)
        weight, bias = self._packed[x.dtype]
        places = [self.padding, self.stride, self.dilation, self.groups]
        if add is None:
            return torch.ops.mkldnn._convolution_pointwise(
                x, weight, bias, *places, *_ONEDNN_ACTIVATIONS[self.activation], ''
            )
        # After an addition, oneDNN has no activation but ReLU.
        relu = 'relu' if self.activation == 'relu' else None
        out = torch.ops.mkldnn._convolution_pointwise.binary(
            x, add.to(x.dtype), weight, bias, *places, 'add', 1.0, relu, [], ''
        )
        return out if relu or self.activation is None else _ACTIVATIONS[self.activation](out)

    def _pack(self, x: Tensor) -> tuple[Tensor, Tensor]:
        # Without the size of the input, oneDNN may choose a layout that takes twice the time.
        weight = torch.ops.mkldnn._reorder_convolution_weight(
            self.weight.to(x.dtype),
            self.padding,
            self.stride,
            self.dilation,
            self.groups,
            list(x.shape),
        )
        return weight, self.bias.to(x.dtype)

    def _apply(self, *args: Any, **kwargs: Any) -> 'FusedConv':
        """Move or convert the weights; they are packed again at the next call."""
        self._packed = {}
        return super()._apply(*args, **kwargs)

    def _load_from_state_dict(self, *args: Any) -> None:
        super()._load_from_state_dict(*args)
        self._packed = {}

    def __getstate__(self) -> dict:
        # Tensors in oneDNN's layouts can be neither copied nor pickled.
        return {**self.__dict__, '_packed': {}}

    def extra_repr(self) -> str:
        """Arguments, for printing."""
        return (
            f'{self.in_channels}, {self.out_channels}, '
            f'kernel_size={tuple(self.weight.shape[2:])}, stride={tuple(self.stride)}, '
            f'activation={self.activation}'
        )


class FusedShiftConv(FusedConv):
    """A temporal shift before a :class:`FusedConv`.

    Where oneDNN computes it, the channels are shifted in place, and restored after the convolution.

    Args:
        conv: As in :class:`FusedConv`.
        norm: Likewise.
        activation: Likewise.
        num_segments: T, the frames of a clip.
        shift_div: Inverse of the share of channels that each direction takes.
    """

    def __init__(
        self,
        conv: nn.Conv2d,
        norm: nn.modules.batchnorm._BatchNorm | None,
        activation: str | None,
        num_segments: int,
        shift_div: int,
    ) -> None:
        super().__init__(conv, norm, activation)
        self.num_segments = num_segments
        self.shift_div = shift_div

    def forward(self, x: Tensor, add: Tensor | None = None) -> Tensor:
        """Shift (N*T, C, H, W), then see :meth:`FusedConv.forward`."""
        if not self._fits_onednn(x):
            return super().forward(temporal_shift(x, self.num_segments, self.shift_div), add)
        with shifted_in_place(x, self.num_segments, self.shift_div):
            return super().forward(x, add)


def _compute_dtype(x: Tensor) -> torch.dtype:
    device = x.device.type
    if HAS_CUSTOM_OPS and torch.is_autocast_enabled(device) and x.dtype != torch.float64:
        return torch.get_autocast_dtype(device)
    return x.dtype
