"""Safe loading of checkpoints in onedl-mmengine."""

from typing import IO, Any

import torch
from mmengine.runner import checkpoint


def refuse_unsafe_checkpoints() -> None:
    """Remove the fallback of onedl-mmengine's loader to ``weights_only=False``, which runs code.

    The loader also allows ``getattr`` and ``numpy.dtype`` without restrictions;
    :func:`~msnet_mmaction.compat.checkpoints.allow_mmengine_checkpoints` restricts them. With its
    ``_safe_torch_load`` replaced, onedl-mmengine loads checkpoints as mmengine does.
    """
    if hasattr(checkpoint, '_safe_torch_load'):
        checkpoint._safe_torch_load = _load


def _load(file: str | IO[bytes], map_location: Any = None, weights_only: bool | None = None) -> Any:
    return torch.load(file, map_location=map_location, weights_only=weights_only)
