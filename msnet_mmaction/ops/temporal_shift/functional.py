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
    """The same in operations that every exporter and every torch knows."""
    clip = x.unflatten(0, (-1, num_segments))
    from_next = F.pad(clip[:, 1:, :fold], (0, 0, 0, 0, 0, 0, 0, 1))
    from_previous = F.pad(clip[:, :-1, fold : 2 * fold], (0, 0, 0, 0, 0, 0, 1, 0))
    return torch.cat([from_next, from_previous, clip[:, :, 2 * fold :]], dim=2).flatten(0, 1)


def temporal_shift(x: Tensor, num_segments: int, shift_div: int = 8) -> Tensor:
    """Shift parts of the channels along time; zeros enter at the ends.

    The first C / shift_div channels of a frame come from the next frame, the second from the
    previous one, the rest stays.

    Args:
        x: (N*T, C, H, W), of any memory format, which the result has too.
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
    """Have ``x`` shifted, and put it right again on leaving.

    Most channels stay where they are: this copies only those that do not, for features that
    nobody else reads meanwhile. Gradients know nothing of it.

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
