"""mmaction2's ResNetTSM, equal in outputs and keys, without the copies that slow it down."""

import torch
from mmaction.models.backbones.resnet_tsm import ResNetTSM, TemporalShift
from mmaction.registry import MODELS
from torch import Tensor

from ...ops import temporal_shift
from ..layers.folded_conv import forget_folded
from .fast_blocks import FastBasicBlock, FastBottleneck, FastStage, can_fuse
from .fast_stem import stem


class _TemporalShift(TemporalShift):
    """The shift before a convolution, in the memory format of its input.

    It loads the weights of the plain convolution too, so that a checkpoint of a 2D ResNet fits
    whichever blocks are shifted.
    """

    @staticmethod
    def shift(x: Tensor, num_segments: int, shift_div: int = 8) -> Tensor:
        """See :func:`msnet_mmaction.ops.temporal_shift.functional`."""
        return temporal_shift(x, num_segments, shift_div)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        for name in ('weight', 'bias'):
            if prefix + name in state_dict:
                state_dict[f'{prefix}net.{name}'] = state_dict.pop(prefix + name)
        super()._load_from_state_dict(state_dict, prefix, *args)


@MODELS.register_module()
class FastResNetTSM(ResNetTSM):
    """mmaction2's ``ResNetTSM``: the same keys and outputs (to rounding), faster.

    Three things differ. The whole network runs in channels_last, the layout that convolutions are
    fastest in. The shift copies each value once, where mmaction2's own cuts and concatenates and
    leaves that layout in every block. Results take the place of what is wanted no more: in
    training, sums; in inference on a CPU, what the shift moves, and batch norm, addition and ReLU,
    which are done while a convolution writes (:mod:`.fast_blocks`, :mod:`.fast_stem`).

    Training on a CPU keeps the contiguous layout: there torch sums a batch norm's statistics in
    channels_last so coarsely (1e-5 of the value) that best matches flip.

    Args:
        depth: 18, 34, 50, 101 or 152.
        num_segments: T, the frames of a clip.
        is_shift: Whether there is a shift at all; without it this is a 2D ResNet.
        shift_div: Inverse of the share of channels that each direction takes.
        shift_every: Shift every n-th block of a stage. None is mmaction2's rule: every block, but
            every second one where ``layer3`` has 23 blocks or more (ResNet-101, 152). The authors
            of MotionSqueeze shift every block: 1.
        pretrained2d: As in ``ResNetTSM``, but False by default: ``init_cfg`` loads weights.
        channels_last: Whether to run in channels_last, but when training on a CPU.
        **kwargs: Arguments of ``ResNetTSM``, but ``shift_place`` and ``temporal_pool``.
    """

    arch_settings = {
        depth: (FastBasicBlock if depth < 50 else FastBottleneck, blocks)
        for depth, (_, blocks) in ResNetTSM.arch_settings.items()
    }

    def __init__(
        self,
        depth: int,
        num_segments: int = 8,
        is_shift: bool = True,
        shift_div: int = 8,
        shift_every: int | None = None,
        pretrained2d: bool = False,
        channels_last: bool = True,
        **kwargs,
    ) -> None:
        for name in ('shift_place', 'temporal_pool'):
            if name in kwargs:
                raise TypeError(f'FastResNetTSM has no {name}: use ResNetTSM for it')
        super().__init__(depth, num_segments, is_shift=False, pretrained2d=pretrained2d, **kwargs)
        for name in self.res_layers:
            setattr(self, name, FastStage(*getattr(self, name)))
        self.is_shift = is_shift
        self.shift_div = shift_div
        self.channels_last = channels_last
        if is_shift:
            deep = max(self.stage_blocks[2:3], default=0) >= 23
            self._shift_blocks(shift_every or (2 if deep else 1))

    def _shift_blocks(self, every: int) -> None:
        for name in self.res_layers:
            blocks = [m for m in getattr(self, name).modules() if isinstance(m, self.block)]
            for block in blocks[::every]:
                block.conv1.conv = _TemporalShift(
                    block.conv1.conv, self.num_segments, self.shift_div
                )

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Features of (N*T, 3, H, W): (N*T, C, H / 32, W / 32), or a tuple of stages."""
        if self.channels_last and not (self.training and x.device.type == 'cpu'):
            x = x.contiguous(memory_format=torch.channels_last)
        alone = can_fuse(x, self)
        x = stem(self.conv1, self.maxpool, x)
        outputs = []
        for index, name in enumerate(self.res_layers):
            x = getattr(self, name)(x, overwrite=alone and index - 1 not in self.out_indices)
            if index in self.out_indices:
                outputs.append(x)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    def _apply(self, *args, **kwargs) -> 'FastResNetTSM':
        """Move or convert; on a GPU, weights get the layout that their gradients will have."""
        super()._apply(*args, **kwargs)
        for p in self.parameters() if self.channels_last else ():
            if p.ndim == 4 and p.device.type != 'cpu':
                # Not .contiguous(), which leaves the strides of 1 x 1 kernels as they are:
                # DistributedDataParallel would copy their gradients, and warn.
                p.data = torch.empty_like(p, memory_format=torch.channels_last).copy_(p)
        return self

    def train(self, mode: bool = True) -> 'FastResNetTSM':
        """Set the mode, and return the module, which mmaction2's ResNet forgets."""
        super().train(mode)
        forget_folded(self)
        return self
