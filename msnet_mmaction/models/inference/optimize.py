"""A copy of a trained network whose pieces are fused for inference."""

import copy
from collections.abc import Callable
from typing import Any

from mmaction.models.backbones import resnet, resnet_tsm
from mmcv.cnn import ConvModule
from mmcv.cnn.bricks import wrappers
from mmengine.model.utils import _BatchNormXd
from torch import Tensor, nn

from ..backbones.resnet_tsm import FastResNetTSM
from ..backbones.resnet_tsm import TemporalShift as FastTemporalShift
from ..layers.conv import ClampReLU, ConvNormReLU
from .fused_blocks import FusedResidualBlock
from .fused_conv import FusedConv, FusedShiftConv
from .fused_stem import FusedStem

#: mmcv's wrappers add only empty tensors for old torch.
_CONVOLUTIONS = (nn.Conv2d, nn.Conv3d, wrappers.Conv2d, wrappers.Conv3d)
_BATCH_NORMS = (nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm, _BatchNormXd)
_SHIFTS = (resnet_tsm.TemporalShift, FastTemporalShift)
_ACTIVATIONS = {nn.ReLU: 'relu', ClampReLU: 'relu', nn.ReLU6: 'relu6'}
_BLOCKS = (resnet.BasicBlock, resnet.Bottleneck)
_RESNETS = (resnet.ResNet, resnet_tsm.ResNetTSM, FastResNetTSM)


def optimize_for_inference(model: nn.Module) -> nn.Module:
    """Copy a trained model, and fuse modules in the copy where the outputs stay equal.

    Outputs are those of the model, up to rounding. In the copy

    - a convolution with its batch norm and ReLU, or ReLU6, is a :class:`.FusedConv`, with a
      temporal shift before it a :class:`.FusedShiftConv`: in mmcv's ``ConvModule`` and in our
      layers;
    - a residual block of mmaction2's 2D ResNets is a :class:`.FusedResidualBlock`;
    - their first convolution and pooling are a :class:`.FusedStem`.

    A module is left as it is if it is of another type, also of a subclass, has hooks, a
    parametrisation or a ``forward`` set on the instance, or normalises by the statistics of the
    batch. The gain is largest on a CPU. The copy cannot be trained; its ``train()`` is an error.

    Example:
        >>> import torch
        >>> from msnet_mmaction import MSNet, optimize_for_inference
        >>> backbone = dict(type='FastResNetTSM', depth=18, num_segments=2)
        >>> model = MSNet(backbone, layers=dict()).eval()
        >>> fast = optimize_for_inference(model)
        >>> x = torch.randn(2, 3, 64, 64)
        >>> with torch.no_grad():
        ...     torch.testing.assert_close(fast(x), model(x), rtol=1e-3, atol=1e-3)

    Args:
        model: A recogniser, a backbone or any other module. It is not changed. The copy of a
            model in training mode is put into evaluation mode.

    Returns:
        The copy.
    """
    model = _copy(model)
    if model.training:
        model.eval()
    holder = nn.Module()
    holder.add_module('model', model)
    for fuse in (_fuse_conv_module, _fuse_our_block, _fuse_residual_block):
        _replace(holder, fuse)
    modules: list[Any] = [*holder.modules()]
    for module in modules:
        if type(module) in _RESNETS and _is_untouched(module):
            _fuse_stem(module)
        if hasattr(module, 'frozen_stages'):
            # mmaction2's train(False) looks for frozen batch norms, which the copy does not have.
            module.frozen_stages = -1
    return holder.get_submodule('model')


def _copy(model: nn.Module) -> nn.Module:
    # Pruning and spectral norms keep computed tensors. They are no leaves, which deepcopy refuses.
    computed = (
        value
        for module in model.modules()
        for value in vars(module).values()
        if isinstance(value, Tensor) and not value.is_leaf
    )
    return copy.deepcopy(model, {id(value): value.detach().clone() for value in computed})


def count_fused(model: nn.Module) -> int:
    """Number of fused convolutions in a model."""
    return sum(isinstance(module, FusedConv) for module in model.modules())


def _replace(parent: nn.Module, fuse: Callable[[nn.Module], nn.Module | None]) -> None:
    """Replace each module below ``parent`` by its ``fuse(module)``, unless that is None."""
    for name, child in parent.named_children():
        fused = fuse(child)
        if fused is None:
            _replace(child, fuse)
        else:
            setattr(parent, name, fused)


def _is_untouched(module: nn.Module) -> bool:
    """Whether a module has neither hooks nor a ``forward`` of its own instance."""
    hooks = (
        module._forward_hooks,
        module._forward_pre_hooks,
        module._backward_hooks,
        module._backward_pre_hooks,
    )
    # Pruning and spectral norms are hooks too; a parametrisation changes the class.
    return not any(hooks) and 'forward' not in vars(module)


def _fused(conv: Any, norm: Any, activation: Any) -> FusedConv | None:
    """The modules as one; norm and activation may be None. None if outputs would differ."""
    parts = [part for part in (conv, norm, activation) if part is not None]
    shift = None
    if type(conv) in _SHIFTS:
        shift, conv = conv, conv.net
        parts.append(conv)
    if not all(map(_is_untouched, parts)):
        return None
    if type(conv) not in _CONVOLUTIONS or conv.padding_mode != 'zeros':
        return None
    if isinstance(conv.padding, str):
        return None
    if norm is not None and not _is_foldable(norm):
        return None
    if activation is not None and type(activation) not in _ACTIVATIONS:
        return None
    name = None if activation is None else _ACTIVATIONS[type(activation)]
    if shift is None:
        return FusedConv(conv, norm, name)
    return FusedShiftConv(conv, norm, name, shift.num_segments, shift.shift_div)


def _is_foldable(norm: nn.Module) -> bool:
    return type(norm) in _BATCH_NORMS and not norm.training and norm.running_mean is not None


def _fuse_conv_module(module: Any) -> FusedConv | None:
    if type(module) is not ConvModule or not _is_untouched(module):
        return None
    if (
        module.order != ('conv', 'norm', 'act')
        or module.with_explicit_padding
        or module.with_spectral_norm
    ):
        return None
    return _fused(
        module.conv,
        module.norm if module.with_norm else None,
        module.activate if module.with_activation else None,
    )


def _fuse_our_block(module: Any) -> FusedConv | None:
    if type(module) is not ConvNormReLU or not _is_untouched(module):
        return None
    if list(module._modules) != ['conv', 'bn', 'relu']:
        return None
    return _fused(module.conv, module.bn, module.relu)


def _fuse_residual_block(module: Any) -> FusedResidualBlock | None:
    if type(module) not in _BLOCKS or not _is_untouched(module):
        return None
    convs = [module.conv1, module.conv2, *([module.conv3] if hasattr(module, 'conv3') else [])]
    if not all(isinstance(conv, FusedConv) for conv in convs) or convs[-1].activation is not None:
        return None
    if type(module.relu) is not nn.ReLU or not _is_untouched(module.relu):
        return None
    return FusedResidualBlock(convs, module.downsample)


def _fuse_stem(network: Any) -> None:
    conv, pool = network.conv1, network.maxpool
    if (
        isinstance(conv, FusedConv)
        and conv.activation == 'relu'
        and type(pool) is nn.MaxPool2d
        and _is_untouched(pool)
        and FusedStem.fits(pool)
    ):
        network.conv1, network.maxpool = FusedStem(conv, pool), nn.Identity().eval()
