"""Which backend computes a matching, and how to choose another one.

By default it is the fast backend of the features' device (:func:`choose_backend`). A layer's
config, ``displacement=dict(type='KernelSoftArgmax', backend='export')``, or ``match(...,
backend='export')`` name another one for that layer or call. The environment variable
``MSNET_MATCHING_BACKEND``, read when this package is imported, names one for all others. A named
backend that cannot be used is an error; it is never replaced.
"""

import os
import warnings
from importlib.util import find_spec

import torch
from torch import Tensor

from ..torch_features import HAS_CUSTOM_OPS, is_compiling, is_exporting

#: ``reference``: the definition, any device and dtype. ``export``: plain torch, any device, for
#: exporters and for GPUs that Triton does not support. ``cpu`` and ``triton``: the fast ones, which
#: together are one operator of torch.
BACKENDS = ('reference', 'export', 'cpu', 'triton')
#: Environment variable with the name of a backend.
VARIABLE = 'MSNET_MATCHING_BACKEND'
#: The oldest GPUs that Triton compiles for, as NVIDIA's compute capability.
MIN_CAPABILITY = (7, 0)

_HAS_TRITON = find_spec('triton') is not None
_warned: set[str] = set()


def check_name(backend: str | None, source: str = 'match()') -> str | None:
    """Check the name of a backend and return it; None stays None.

    Args:
        backend: The name.
        source: Where the name comes from, for the error.

    Raises:
        ValueError: If there is no such backend.
    """
    if backend is not None and backend not in BACKENDS:
        raise ValueError(f'{source} has no backend {backend!r}; choose from {BACKENDS}')
    return backend


_CHOSEN = check_name(os.environ.get(VARIABLE) or None, f'the environment variable {VARIABLE}')


def available_backends() -> tuple[str, ...]:
    """Backends that this machine and installation can run."""
    triton = torch.cuda.is_available() and _gpu_hindrance(torch.cuda.current_device()) is None
    return tuple(name for name in BACKENDS if name != 'triton' or triton)


def choose_backend(features: Tensor, backend: str | None = None) -> str:
    """Name of the backend for features.

    Args:
        features: Features of either frame.
        backend: One of :data:`BACKENDS`. None takes the one of the environment variable; if that
            is not set, ``export`` while a model is exported, ``reference`` for float64, else the
            fast backend of the device. Devices without one, such as GPUs below compute capability
            7.0, get ``export``, and a warning once.

    Raises:
        ValueError: If there is no such backend.
        RuntimeError: If the named backend cannot compute with these features.
    """
    named = check_name(backend) or _CHOSEN
    if named is not None:
        reason = _hindrance(features, named)
        if reason:
            source = f' ({VARIABLE})' if backend is None else ''
            raise RuntimeError(f'backend {named!r}{source} cannot serve this: {reason}')
        return named
    if is_exporting():
        return 'export'
    if features.dtype == torch.float64:
        return 'reference'
    fast = 'cpu' if features.device.type == 'cpu' else 'triton'
    reason = _hindrance(features, fast)
    if reason:
        _warn_once(f"match() runs on 'export', a slow backend: {reason}")
        return 'export'
    return fast


def _hindrance(features: Tensor, backend: str) -> str | None:
    """Why a backend cannot compute with these features; None if it can."""
    device = features.device.type
    if backend in ('cpu', 'triton') and not HAS_CUSTOM_OPS:
        return f'torch {torch.__version__} has no operators of others, which came with 2.4'
    if backend == 'cpu' and device != 'cpu':
        return f'the features are on {device!r}'
    if backend == 'triton':
        if device != 'cuda':
            return f'the features are on {device!r}, it needs a GPU'
        if features.dtype == torch.float64:
            return 'it has no float64'
        return _gpu_hindrance(features.device.index)
    return None


def _gpu_hindrance(index: int | None) -> str | None:
    """Why Triton cannot run on a GPU, by its index, None for the current one; None if it can."""
    if not _HAS_TRITON:
        return 'triton is not installed'
    # Not get_device_capability(): torch.compile does not treat its result as a constant.
    gpu = torch.cuda.get_device_properties(index)
    # AMD's GPUs number their capabilities differently.
    if torch.version.hip is None and (gpu.major, gpu.minor) < MIN_CAPABILITY:
        return (
            f'{gpu.name} has compute capability {gpu.major}.{gpu.minor}, Triton needs at least '
            f'{MIN_CAPABILITY[0]}.{MIN_CAPABILITY[1]}'
        )
    return None


def _warn_once(message: str) -> None:
    if message not in _warned and not is_compiling():
        _warned.add(message)
        warnings.warn(message, stacklevel=4)
