"""mmaction2's ResNetTSM with equal outputs and keys, but faster."""

from typing import Any

import torch
from mmaction.models.backbones import resnet_tsm
from mmaction.registry import MODELS
from torch import Tensor

from ...ops import temporal_shift


class TemporalShift(resnet_tsm.TemporalShift):
    """The shift before a convolution, in the memory format of its input.

    It also loads the weights of a plain convolution, so that a checkpoint of a 2D ResNet fits,
    whichever blocks have a shift.
    """

    @staticmethod
    def shift(x: Tensor, num_segments: int, shift_div: int = 8) -> Tensor:
        """See :func:`msnet_mmaction.ops.temporal_shift`."""
        return temporal_shift(x, num_segments, shift_div)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args: Any) -> None:
        for name in ('weight', 'bias'):
            if prefix + name in state_dict:
                state_dict[f'{prefix}net.{name}'] = state_dict.pop(prefix + name)
        super()._load_from_state_dict(state_dict, prefix, *args)


@MODELS.register_module()
class FastResNetTSM(resnet_tsm.ResNetTSM):
    """mmaction2's ``ResNetTSM``: the same keys and outputs (to rounding), faster.

    Two things differ. The network runs in channels_last, in which convolutions are fastest. The
    shift copies each value once and keeps that memory format; mmaction2's splits and concatenates,
    and every block becomes contiguous.

    In training on a CPU, the memory format is contiguous: in channels_last, torch's statistics of
    batch norms have errors of 1e-5 there, which change best matches.

    Args:
        depth: 18, 34, 50, 101 or 152.
        num_segments: T, the frames of a clip.
        is_shift: Whether there are shifts; without them this is a 2D ResNet.
        shift_div: Inverse of the share of channels that each direction takes.
        shift_every: Shift every n-th block of a stage. None is mmaction2's rule: every block, but
            every second one where ``layer3`` has 23 blocks or more (ResNet-101, 152). The authors
            of MotionSqueeze shift every block: 1.
        pretrained2d: As in ``ResNetTSM``, but False by default: ``init_cfg`` loads weights.
        channels_last: Whether to run in channels_last, except in training on a CPU.
        **kwargs: Other arguments of ``ResNetTSM``, except ``shift_place`` and ``temporal_pool``.

    Raises:
        TypeError: If given an argument of ``ResNetTSM`` that this network does not have.
    """

    def __init__(
        self,
        depth: int,
        num_segments: int = 8,
        is_shift: bool = True,
        shift_div: int = 8,
        shift_every: int | None = None,
        pretrained2d: bool = False,
        channels_last: bool = True,
        **kwargs: Any,
    ) -> None:
        for name in ('shift_place', 'temporal_pool'):
            if name in kwargs:
                raise TypeError(f'FastResNetTSM has no {name}: use ResNetTSM for it')
        super().__init__(depth, num_segments, is_shift=False, pretrained2d=pretrained2d, **kwargs)
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
                block.conv1.conv = TemporalShift(
                    block.conv1.conv, self.num_segments, self.shift_div
                )

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """(N*T, 3, H, W) to (N*T, C, H / 32, W / 32), a tuple with several ``out_indices``."""
        if self.channels_last and not (self.training and x.device.type == 'cpu'):
            x = x.contiguous(memory_format=torch.channels_last)
        return super().forward(x)

    def _apply(self, *args: Any, **kwargs: Any) -> 'FastResNetTSM':
        """Move or convert; on a GPU, weights get the memory format of their gradients."""
        super()._apply(*args, **kwargs)
        for p in self.parameters() if self.channels_last else ():
            if p.ndim == 4 and p.device.type != 'cpu':
                # Not .contiguous(), which does not change the strides of 1 x 1 kernels:
                # DistributedDataParallel would copy their gradients and warn.
                p.data = torch.empty_like(p, memory_format=torch.channels_last).copy_(p)
        return self

    def train(self, mode: bool = True) -> 'FastResNetTSM':
        """Set the mode and return the module; mmaction2's ResNet returns None."""
        super().train(mode)
        return self
