"""What a layer offers so that the motion it finds can be seen and measured, and how to ask it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor, nn


class MotionField(NamedTuple):
    """The motion between adjacent frames, at each position of a layer's feature map.

    Attributes:
        displacement: (N, T - 1, 2, H, W), x (to the right) then y (down), in positions of the
            feature map.
        confidence: (N, T - 1, H, W), how sure each is, larger is surer; None if the layer can't
            say.
    """

    displacement: Tensor
    confidence: Tensor | None = None

    def in_pixels(self, height: int, width: int) -> Tensor:
        """The displacement in pixels of frames of this size, (N, T - 1, 2, H, W)."""
        rows, columns = self.displacement.shape[-2:]
        scale = self.displacement.new_tensor([width / columns, height / rows])
        return self.displacement * scale[:, None, None]


@runtime_checkable
class EstimatesMotion(Protocol):
    """A :class:`.ClipLayer` that estimates a field. Pictures and measures ask nothing else of it.

    ``MotionSqueeze`` is one; any layer that has this method is seen by
    ``tools/visualize_motion.py``, ``tools/motion_quality.py`` and ``MotionVisualizationHook``.
    """

    def estimate_motion(self, clip: Tensor) -> dict[str, MotionField]:
        """The fields that the layer finds in its input.

        Args:
            clip: What ``forward_clip`` is given, (N, T, C, H, W).

        Returns:
            ``'forward'``: from each frame to the next one, at the positions of the former; and
            where the layer estimates it, ``'backward'``: from each next frame to the one before,
            at the positions of the next one.
        """


def motion_layers(
    network: nn.Module, names: Sequence[str] | None = None
) -> dict[str, EstimatesMotion]:
    """The layers of a network that estimate motion.

    Args:
        network: Any module.
        names: Those that are wanted; all by default.

    Raises:
        ValueError: If there is none, or if a name is not that of one; it lists those there are.
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
) -> Iterator[dict[str, dict[str, MotionField]]]:
    """Record the motion that layers find while the network runs, in evaluation.

    Args:
        network: Any module.
        names: See :func:`motion_layers`.

    Yields:
        A dict that a forward pass fills: what ``estimate_motion`` returns, by the layer's name.

    Raises:
        ValueError: If there is no such layer.
        RuntimeError: In a forward pass in training mode: its statistics would count twice.
    """
    records: dict[str, dict[str, MotionField]] = {}
    handles = [
        layer.register_forward_pre_hook(partial(_record, records, name))
        for name, layer in motion_layers(network, names).items()
    ]
    try:
        yield records
    finally:
        for handle in handles:
            handle.remove()


def _record(records: dict, name: str, layer: nn.Module, args: tuple) -> None:
    if layer.training:
        raise RuntimeError(f'the motion of {name} is recorded in evaluation alone: call eval()')
    with torch.no_grad():
        records[name] = layer.estimate_motion(layer.clip_view(args[0]))
