"""A temporal shift for convolutional networks for images."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from torch import nn

from .resnet_tsm import TemporalShift


def shift_before(
    network: nn.Module, convs: str | Sequence[str], num_segments: int | None, shift_div: int = 8
) -> list[str]:
    """Put the shift of TSM (Lin et al., ICCV 2019) before convolutions of a 2D network.

    Before the first convolution of each residual block it is TSM's residual shift:
    ``'layer*.conv1'`` of timm's and torchvision's ResNets, ``'stages.*.conv_dw'`` of timm's
    ConvNeXt. Checkpoints of the network without shift load as before.

    Args:
        network: The network, which is changed.
        convs: Names of convolutions, as in ``named_modules``, with ``*`` as a wildcard.
        num_segments: T, the frames of a clip.
        shift_div: Inverse of the share of channels that each direction takes.

    Returns:
        The names of the convolutions.

    Raises:
        ValueError: If there is no such convolution, one has too few channels, or T is unknown.
    """
    patterns = [convs] if isinstance(convs, str) else list(convs)
    kind = type(network).__name__
    if num_segments is None:
        raise ValueError(f'a shift in {kind} needs the frames of a clip: set num_segments of MSNet')
    found = []
    for pattern in patterns:
        names = [
            name
            for name, module in network.named_modules()
            if isinstance(module, nn.Conv2d) and fnmatchcase(name, pattern)
        ]
        if not names:
            known = [name for name, m in network.named_modules() if isinstance(m, nn.Conv2d)]
            raise ValueError(
                f"no 2D convolution of {kind} is called '{pattern}'; among its {len(known)} are "
                f'{", ".join(known[:8]) or "none"}'
            )
        found += [name for name in names if name not in found]
    for name in found:
        conv: Any = network.get_submodule(name)
        if conv.in_channels < shift_div:
            raise ValueError(
                f"'{name}' of {kind} takes {conv.in_channels} channels, of which {shift_div=} "
                'shifts none'
            )
        parent, _, child = name.rpartition('.')
        setattr(network.get_submodule(parent), child, TemporalShift(conv, num_segments, shift_div))
    return found
