"""onedl-mmengine reads again, with ``weights_only=False``, what torch refused to read."""

from typing import IO, Any

import torch
from mmengine.runner import checkpoint


def refuse_unsafe_checkpoints() -> None:
    """onedl-mmengine's loader falls back to ``weights_only=False``, which runs a pickle's code.

    It also allows the whole of ``getattr`` and ``numpy.dtype``, which
    :func:`~msnet_mmaction.compat.checkpoints.allow_mmengine_checkpoints` replaces by narrow ones.
    With its ``_safe_torch_load`` replaced, it reads a checkpoint as mmengine does.
    """
    if hasattr(checkpoint, '_safe_torch_load'):
        checkpoint._safe_torch_load = _load


def _load(file: str | IO[bytes], map_location: Any = None, weights_only: bool | None = None) -> Any:
    return torch.load(file, map_location=map_location, weights_only=weights_only)
