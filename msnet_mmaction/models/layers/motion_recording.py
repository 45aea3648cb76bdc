"""How a layer tells the motion that it estimates, and how that is recorded while a network runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from ...structures import MotionField


@runtime_checkable
class EstimatesMotion(Protocol):
    """A :class:`.ClipLayer` that estimates motion.

    Any such layer that has this method is drawn by ``visualize`` and ``MotionVisualizationHook``
    and measured by ``motion-quality``. ``MotionSqueeze`` and ``RepresentationFlow`` have it.
    """

    def estimate_motion(self, clip: Tensor) -> list[MotionField]:
        """Estimate the motion between adjacent frames of the layer's input.

        Args:
            clip: What ``forward_clip`` is given, (N, T, C, H, W).

        Returns:
            The forward field and, if the layer estimates it, the backward one, with displacements
            (N, T - 1, 2, H, W).
        """


def motion_layers(
    network: nn.Module, names: Sequence[str] | None = None
) -> dict[str, EstimatesMotion]:
    """The layers of a network that estimate motion, by name.

    Args:
        network: Any module.
        names: Which layers; by default all.

    Raises:
        ValueError: If there is no such layer, or a name is of none; the message lists all names.
    """
    found = {name: m for name, m in network.named_modules() if isinstance(m, EstimatesMotion)}
    wanted = list(found) if names is None else names
    wrong = [name for name in wanted if name not in found]
    if wrong or not wanted:
        raise ValueError(
            f'the layers of {type(network).__name__} that estimate motion are '
            f'{", ".join(found) or "(none)"}'
            + (f': {", ".join(wrong)} is not among them' if wrong else '')
        )
    return {name: found[name] for name in wanted}


@contextmanager
def record_motion(
    network: nn.Module, names: Sequence[str] | None = None
) -> Iterator[dict[str, list[MotionField]]]:
    """Record the motion that layers estimate while the network runs, in evaluation mode.

    Args:
        network: Any module.
        names: See :func:`motion_layers`.

    Yields:
        A dict that each forward pass fills: what ``estimate_motion`` returns, by the layer's name.

    Raises:
        ValueError: If there is no such layer.
        RuntimeError: In a forward pass in training mode. Estimating would update the running
            statistics of batch norms a second time.
    """
    records: dict[str, list[MotionField]] = {}
    handles = [
        network.get_submodule(name).register_forward_pre_hook(partial(_record, records, name))
        for name in motion_layers(network, names)
    ]
    try:
        yield records
    finally:
        for handle in handles:
            handle.remove()


def fields_of_clip(
    records: dict[str, list[MotionField]], video: int = 0, videos: int = 1
) -> dict[str, MotionField]:
    """The recorded fields of one clip, float32 on the CPU.

    Args:
        records: Fields of a batch, see :func:`record_motion`.
        video: Index of a video in the batch; the field is that of its first clip.
        videos: Number of videos in the batch, which may have several clips each.

    Returns:
        Fields with displacements (T - 1, 2, H, W), by the name of the layer, followed by
        `` (backward)`` for a backward field.
    """

    def first_clip(maps: Tensor) -> Tensor:
        return maps[video * (len(maps) // videos)].float().cpu()

    return {
        f'{layer} (backward)' if field.backward else layer: field.map(first_clip)
        for layer, found in records.items()
        for field in found
    }


def _record(records: dict[str, list[MotionField]], name: str, layer: Any, args: tuple) -> None:
    if layer.training:
        raise RuntimeError(f'the motion of {name} is recorded in evaluation alone: call eval()')
    with torch.no_grad():
        records[name] = layer.estimate_motion(layer.clip_view(args[0]))
