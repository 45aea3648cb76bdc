"""mmaction2's residual blocks, with fewer walks through memory."""

from mmaction.models.backbones.resnet import BasicBlock, Bottleneck
from mmaction.models.backbones.resnet_tsm import TemporalShift
from mmcv.cnn import ConvModule
from mmengine.model import Sequential
from torch import Tensor, nn

from ...ops import shifted_in_place, temporal_shift
from ..layers.folded_conv import can_fold, folded_conv
from ..layers.listeners import has_listeners


def can_fuse(x: Tensor, *modules: nn.Module) -> bool:
    """Whether the convolutions of some modules may be run by :func:`fused_conv`.

    That is in inference on a CPU, if they have nothing but batch norms and ReLUs, and if nobody
    hears of a result that is not computed, or overwritten.
    """
    return (
        can_fold(x, *modules)
        and not any(map(has_listeners, modules))
        and all(
            isinstance(module.norm, nn.BatchNorm2d | nn.Identity)
            and (not module.with_activation or isinstance(module.activate, nn.ReLU))
            for parent in modules
            for module in parent.modules()
            if isinstance(module, ConvModule)
        )
    )


def fused_conv(
    module: ConvModule, x: Tensor, add: Tensor | None = None, overwrite: bool = False
) -> Tensor:
    """``relu(norm(conv(x)) + add)`` in one pass; see :func:`can_fuse`.

    Args:
        module: Convolution, with or without shift, batch norm and, with an addend always, ReLU.
        x: (N, C, H, W).
        add: (N, C', H', W').
        overwrite: Whether the result may take the place of ``add``, and ``x`` differ meanwhile.

    Returns:
        (N, C', H', W').
    """
    conv, norm = module.conv, module.norm
    relu = module.with_activation or add is not None
    if not isinstance(conv, TemporalShift):
        return folded_conv(conv, norm, x, relu, add, overwrite)
    if not overwrite:
        x = temporal_shift(x, conv.num_segments, conv.shift_div)
        return folded_conv(conv.net, norm, x, relu, add)
    with shifted_in_place(x, conv.num_segments, conv.shift_div):
        return folded_conv(conv.net, norm, x, relu, add)


class _FastBlock:
    """Writes results once and for all where nobody wants what they take the place of."""

    def forward(self, x: Tensor, overwrite: bool = False) -> Tensor:
        """(N, C, H, W) to (N, C', H', W'), which may take the place of ``x`` if told so."""
        if can_fuse(x, self):
            return self.forward_fused(x, overwrite)
        if not self.training or getattr(self, 'with_cp', False) or has_listeners(self):
            return super().forward(x)
        identity = x if self.downsample is None else self.downsample(x)
        for module in self._convolutions():
            x = module(x)
        # A normalisation's gradient does not need its result, and new memory costs time.
        x = x.add_(identity) if x.dtype == identity.dtype else x + identity
        return self.relu(x)

    def forward_fused(self, x: Tensor, overwrite: bool) -> Tensor:
        """What :meth:`forward` does where :func:`can_fuse` says so."""
        identity = x if self.downsample is None else fused_conv(self.downsample, x)
        first, *others, last = self._convolutions()
        x = fused_conv(first, x, overwrite=overwrite)
        for module in others:
            x = fused_conv(module, x)
        # What the downsample made of the input is wanted nowhere else.
        return fused_conv(last, x, identity, overwrite or self.downsample is not None)

    def _convolutions(self) -> list[ConvModule]:
        """Those that follow each other."""
        return [
            module
            for module in self.children()
            if isinstance(module, ConvModule) and module is not self.downsample
        ]


class FastBasicBlock(_FastBlock, BasicBlock):
    """mmaction2's ``BasicBlock``: the same keys and outputs."""


class FastBottleneck(_FastBlock, Bottleneck):
    """mmaction2's ``Bottleneck``: the same keys and outputs."""


class FastStage(Sequential):
    """A stage whose blocks write their results in the place of each other's.

    What a block hands to the next one is wanted by nobody else, unless a hook has seen it.
    """

    #: For MSNet, which appends a layer.
    runs_children_in_order = True

    def forward(self, x: Tensor, overwrite: bool = False) -> Tensor:
        """(N, C, H, W) to (N, C', H', W'); ``x`` may be overwritten if told so."""
        for module in self:
            alone = isinstance(module, _FastBlock) and can_fuse(x, module)
            # As nobody listens to it, it is called past the hooks, which would be looked for again.
            x = module.forward_fused(x, overwrite) if alone else module(x)
            overwrite = alone
        return x
