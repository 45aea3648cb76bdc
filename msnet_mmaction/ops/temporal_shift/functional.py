"""The temporal shift of TSM (Lin et al., ICCV 2019), copying each value once."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor

from ..torch_features import HAS_CUSTOM_OPS, is_exporting

if HAS_CUSTOM_OPS:
    from .operator import temporal_shift_op, write_shifted


def _exportable(x: Tensor, num_segments: int, fold: int) -> Tensor:
    """The shift in operations that every exporter and every torch have."""
    clip = x.unflatten(0, (-1, num_segments))
    from_next = F.pad(clip[:, 1:, :fold], (0, 0, 0, 0, 0, 0, 0, 1))
    from_previous = F.pad(clip[:, :-1, fold : 2 * fold], (0, 0, 0, 0, 0, 0, 1, 0))
    return torch.cat([from_next, from_previous, clip[:, :, 2 * fold :]], dim=2).flatten(0, 1)


def temporal_shift(x: Tensor, num_segments: int, shift_div: int = 8) -> Tensor:
    """Shift parts of the channels along time; zeros enter at the ends.

    With f = C // shift_div, zeros outside the clip::

        out[t, :f] = x[t + 1, :f],  out[t, f:2f] = x[t - 1, f:2f],  out[t, 2f:] = x[t, 2f:]

    Example:
        One position, three frames, four channels of which one is shifted each way::

            >>> import torch
            >>> from msnet_mmaction.ops import temporal_shift
            >>> x = torch.arange(12.0).view(3, 4, 1, 1)
            >>> temporal_shift(x, num_segments=3, shift_div=4).view(3, 4).tolist()
            [[4.0, 0.0, 2.0, 3.0], [8.0, 1.0, 6.0, 7.0], [0.0, 5.0, 10.0, 11.0]]

    Args:
        x: (N*T, C, H, W). The result has its memory format.
        num_segments: T, the frames of a clip.
        shift_div: Inverse of the share of channels that each direction takes.

    Returns:
        (N*T, C, H, W).

    Raises:
        ValueError: If the frames are no multiple of ``num_segments``.
    """
    fold = _shifted_channels(x, num_segments, shift_div)
    if is_exporting() or not HAS_CUSTOM_OPS:
        return _exportable(x, num_segments, fold)
    return temporal_shift_op(x, num_segments, fold, False)


@contextmanager
def shifted_in_place(x: Tensor, num_segments: int, shift_div: int = 8) -> Iterator[None]:
    """Shift ``x`` in place inside the context, and restore it on leaving.

    Only the shifted channels are copied. Nothing else may read ``x`` inside the context. It is not
    recorded for gradients.

    Args:
        x: As in :func:`temporal_shift`.
        num_segments: Likewise.
        shift_div: Likewise.

    Raises:
        ValueError: Likewise.
    """
    fold = _shifted_channels(x, num_segments, shift_div)
    shifted = x[:, : 2 * fold]
    kept = shifted.clone()
    write_shifted(kept, shifted, num_segments, fold)
    try:
        yield
    finally:
        shifted.copy_(kept)


def _shifted_channels(x: Tensor, num_segments: int, shift_div: int) -> int:
    if x.shape[0] % num_segments:
        raise ValueError(
            f'temporal_shift() got {x.shape[0]} frames, which is not a multiple of {num_segments=}'
        )
    return x.shape[1] // shift_div
