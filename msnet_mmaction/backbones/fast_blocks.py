"""mmaction2's residual blocks, with fewer walks through memory in inference on a CPU."""

from mmaction.models.backbones.resnet import BasicBlock, Bottleneck
from mmaction.models.backbones.resnet_tsm import TemporalShift
from mmcv.cnn import ConvModule
from mmengine.model import Sequential
from torch import Tensor, nn
from torch.nn.modules import module as torch_module

from ..layers.folded_conv import can_fold, folded_conv
from ..ops import temporal_shift


def convolve(module: ConvModule, x: Tensor) -> Tensor:
    """What an mmcv ``ConvModule`` computes, in one pass where that can be done."""
    if can_fold(x, module) and _is_plain(module):
        return _fold(module, x)
    return module(x)


class _FastBlock:
    """In inference on a CPU, each convolution writes its result once and for all."""

    def forward(self, x: Tensor, overwrite: bool = False) -> Tensor:
        """(N, C, H, W) to (N, C', H', W'), which may take the place of ``x`` if told so."""
        modules = [module for module in self.children() if isinstance(module, ConvModule)]
        heard = any(map(_has_hooks, self.children()))
        if heard or not can_fold(x, self) or not all(map(_is_plain, modules)):
            return super().forward(x)
        identity = x
        if self.downsample is not None:
            modules.remove(self.downsample)
            identity = _fold(self.downsample, x)
        for module in modules[:-1]:
            x = _fold(module, x)
        # What the downsample made of the input is wanted nowhere else.
        overwrite = overwrite or self.downsample is not None
        return _fold(modules[-1], x, add=identity, overwrite=overwrite)


class FastBasicBlock(_FastBlock, BasicBlock):
    """mmaction2's ``BasicBlock``: the same keys and outputs."""


class FastBottleneck(_FastBlock, Bottleneck):
    """mmaction2's ``Bottleneck``: the same keys and outputs."""


class FastStage(Sequential):
    """A stage whose blocks write their results in the place of each other's.

    What a block hands to the next one is wanted by nobody else, unless a hook has seen it. The
    input and the output of the stage may well be, such as by ``out_indices``.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C', H', W')."""
        unseen = False
        for module in self:
            alone = isinstance(module, _FastBlock) and not any(map(_has_hooks, module.modules()))
            x = module(x, overwrite=unseen) if alone else module(x)
            unseen = alone and not _hooks_on_all_modules()
        return x


def _has_hooks(module: nn.Module) -> bool:
    return bool(module._forward_hooks or module._forward_pre_hooks)


def _hooks_on_all_modules() -> bool:
    return bool(torch_module._global_forward_hooks or torch_module._global_forward_pre_hooks)


def _is_plain(module: ConvModule) -> bool:
    """Whether convolution, batch norm and ReLU are all there is, and nobody listens to one."""
    return (
        isinstance(module.norm, nn.BatchNorm2d | nn.Identity)
        and (not module.with_activation or isinstance(module.activate, nn.ReLU))
        and not any(map(_has_hooks, module.modules()))
    )


def _fold(
    module: ConvModule, x: Tensor, add: Tensor | None = None, overwrite: bool = False
) -> Tensor:
    conv = module.conv
    if isinstance(conv, TemporalShift):
        x, conv = temporal_shift(x, conv.num_segments, conv.shift_div), conv.net
    relu = module.with_activation or add is not None
    return folded_conv(conv, module.norm, x, relu, add, overwrite)
