"""Recording the output of layers during predictions."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


@contextmanager
def record_features(model: nn.Module, layer: str | None) -> Iterator[list[Tensor]]:
    """Record the output of a layer, averaged over space.

    Args:
        model: A recogniser.
        layer: Name of the layer, such as ``backbone`` or ``backbone.layer4``; None records nothing.

    Yields:
        A list to which each forward pass of the layer adds (B, C), where B is the batch of the
        layer, of videos, clips or frames.

    Raises:
        ValueError: If there is no such layer, or, in a forward pass, if its output is not a tensor.
    """
    records: list[Tensor] = []
    if layer is None:
        yield records
        return
    try:
        module = model.get_submodule(layer)
    except AttributeError as error:
        known = ', '.join(name for name, _ in model.named_modules() if name.count('.') == 1)
        raise ValueError(
            f'{type(model).__name__} has no layer {layer!r}; among its layers are {known}'
        ) from error

    def record(_: nn.Module, args: tuple, output: object) -> None:
        if isinstance(output, tuple | list) and output:
            output = output[-1]
        if not isinstance(output, Tensor):
            raise ValueError(f'the layer {layer} gives a {type(output).__name__}, no tensor')
        records.append(_pooled(output.detach()))

    handle = module.register_forward_hook(record)
    try:
        yield records
    finally:
        handle.remove()


def _pooled(output: Tensor) -> Tensor:
    """(B, C) of (B, C, ...), or of tokens (B, L, C)."""
    if output.ndim == 3:
        return output.float().mean(dim=1)
    return output.float().flatten(2).mean(dim=2) if output.ndim > 2 else output.float()


def features_of(records: list[Tensor], videos: int) -> Tensor:
    """The mean of a layer's output for each video, (N, C)."""
    output = torch.cat(records)
    return output.reshape(videos, -1, output.shape[-1]).mean(dim=1)
