"""Which backend serves a matching."""

import warnings
from importlib.util import find_spec

import torch
from torch import Tensor

from ..torch_features import HAS_CUSTOM_OPS, is_compiling, is_exporting

#: ``reference``: the definition, any device and dtype; ``export``: plain torch, any device, for
#: exporters; ``cpu`` and ``triton``: the fast ones, one operator of torch together.
BACKENDS = ('reference', 'export', 'cpu', 'triton')

_HAS_TRITON = find_spec('triton') is not None
_warned: set[str] = set()


def available_backends() -> tuple[str, ...]:
    """Backends that this machine and installation can run."""
    triton = _HAS_TRITON and torch.cuda.is_available()
    return tuple(name for name in BACKENDS if name != 'triton' or triton)


def choose_backend(features: Tensor, backend: str | None = None) -> str:
    """Name of the backend that serves ``features``.

    Args:
        features: Those of either frame.
        backend: One of :data:`BACKENDS`, which must be able to serve them; None chooses:
            ``export`` while a model is exported, ``reference`` for float64, else the fast backend
            of the device. Devices without one get ``export``, and a warning once.

    Raises:
        ValueError: If there is no such backend.
        RuntimeError: If ``backend`` cannot serve these features.
    """
    if backend is not None:
        if backend not in BACKENDS:
            raise ValueError(f'match() has no backend {backend!r}; choose from {BACKENDS}')
        reason = _hindrance(features, backend)
        if reason:
            raise RuntimeError(f'backend {backend!r} cannot serve this: {reason}')
        return backend
    if is_exporting():
        return 'export'
    if features.dtype == torch.float64:
        return 'reference'
    fast = 'cpu' if features.device.type == 'cpu' else 'triton'
    reason = _hindrance(features, fast)
    if reason:
        _warn_once(f'match() runs on a slow backend: {reason}')
        return 'export'
    return fast


def _hindrance(features: Tensor, backend: str) -> str | None:
    """Why a backend cannot serve these features; None if it can."""
    device = features.device.type
    if backend in ('cpu', 'triton') and not HAS_CUSTOM_OPS:
        return f'torch {torch.__version__} has no operators of others, which came with 2.4'
    if backend == 'cpu' and device != 'cpu':
        return f'the features are on {device!r}'
    if backend == 'triton':
        if device != 'cuda':
            return f'the features are on {device!r}, it needs a GPU'
        if not _HAS_TRITON:
            return 'triton is not installed'
        if features.dtype == torch.float64:
            return 'it has no float64'
    return None


def _warn_once(message: str) -> None:
    if message not in _warned and not is_compiling():
        _warned.add(message)
        warnings.warn(message, stacklevel=4)
