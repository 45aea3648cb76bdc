"""mmaction2's ResNetTSM, equal in outputs and keys, without the copies that slow it down."""

import torch
from mmaction.models.backbones import resnet_tsm
from mmaction.registry import MODELS
from torch import Tensor

from ...ops import temporal_shift


class TemporalShift(resnet_tsm.TemporalShift):
    """The shift before a convolution, in the memory format of its input.

    It loads the weights of the plain convolution too, so that a checkpoint of a 2D ResNet fits
    whichever blocks are shifted.
    """

    @staticmethod
    def shift(x: Tensor, num_segments: int, shift_div: int = 8) -> Tensor:
        """See :func:`msnet_mmaction.ops.temporal_shift`."""
        return temporal_shift(x, num_segments, shift_div)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        for name in ('weight', 'bias'):
            if prefix + name in state_dict:
                state_dict[f'{prefix}net.{name}'] = state_dict.pop(prefix + name)
        super()._load_from_state_dict(state_dict, prefix, *args)


@MODELS.register_module()
class FastResNetTSM(resnet_tsm.ResNetTSM):
    """mmaction2's ``ResNetTSM``: the same keys and outputs (to rounding), faster.

    Two things differ. The network runs in channels_last, the layout that convolutions are fastest
    in. The shift copies each value once, where mmaction2's own cuts and concatenates and leaves
    that layout in every block.

    In training on a CPU the layout is contiguous: there torch sums a batch norm's statistics in
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
        **kwargs,
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
        """Features of (N*T, 3, H, W): (N*T, C, H / 32, W / 32), or a tuple of stages."""
        if self.channels_last and not (self.training and x.device.type == 'cpu'):
            x = x.contiguous(memory_format=torch.channels_last)
        return super().forward(x)

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
        return self
