"""Loading MMEngine's checkpoints with ``weights_only=True`` (open-mmlab/mmengine#1655)."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

#: The classes of NumPy's dtypes of numbers, which torch allows one by one.
_NUMBER_TYPES = frozenset(type(np.dtype(code)) for code in '?bBhHiIlLqQefdgFDG')


def allow_mmengine_checkpoints() -> None:
    """Allow the content of MMEngine's checkpoints under ``weights_only=True``.

    That is the default since torch 2.6, and it refuses ``HistoryBuffer`` and numbers of NumPy
    (open-mmlab/mmengine#1655), so that ``resume`` and ``test`` fail. Nothing that could run code is
    allowed: ``HistoryBuffer``, ``getattr`` and ``numpy.dtype`` are replaced by restricted versions.

    With an older torch, MMEngine loads without ``weights_only``: then load only files that you
    trust.
    """
    if tuple(int(part) for part in torch.__version__.split('.')[:2]) < (2, 6):
        return
    history = f'{HistoryBuffer.__module__}.{HistoryBuffer.__qualname__}'
    allowed: list = [np.ndarray, *_NUMBER_TYPES]
    allowed += [
        (_CheckedHistory, history),
        (_history_method, 'builtins.getattr'),
        (_number_dtype, 'numpy.dtype'),
    ]
    # NumPy 2 renamed the module: a checkpoint may come from either version.
    functions: list[Any] = [np.zeros(1).__reduce__()[0], np.float64(0).__reduce__()[0]]
    for function in functions:
        for module in ('numpy.core.multiarray', 'numpy._core.multiarray'):
            allowed.append((function, f'{module}.{function.__name__}'))
    torch.serialization.add_safe_globals(allowed)


class _CheckedHistory(HistoryBuffer):
    """A replacement of ``HistoryBuffer`` in checkpoints that restores its numbers only.

    The original would restore any attributes, and statistics for all of its instances.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise pickle.UnpicklingError('a checkpoint may restore a HistoryBuffer, not build one')

    def __setstate__(self, state: dict) -> None:
        arrays = (state['_log_history'], state['_count_history'])
        if not all(type(a) is np.ndarray and type(a.dtype) in _NUMBER_TYPES for a in arrays):
            raise pickle.UnpicklingError('the HistoryBuffer of a checkpoint must hold numbers')
        self.max_length = int(state['max_length'])
        self._log_history, self._count_history = arrays
        self._set_default_statistics()
        # torch does not let the checkpoint change an object of the original class.
        self.__class__ = HistoryBuffer


def _history_method(owner: object, name: str) -> Callable:
    """A replacement of ``getattr`` in checkpoints, for the statistics of ``HistoryBuffer`` only."""
    if owner is _CheckedHistory and name in ('min', 'max', 'mean', 'current'):
        return getattr(HistoryBuffer, name)
    raise pickle.UnpicklingError(f'a checkpoint may not ask for {name!r} of {owner!r}')


def _number_dtype(code: str, align: bool = False, copy: bool = False) -> np.dtype:
    """A replacement of ``numpy.dtype`` in checkpoints, for numbers only.

    It returns NumPy's own instance, not a copy, because that ignores the state that a pickle sets.
    A forged state could make NumPy read bytes as objects.
    """
    dtype = np.dtype(code) if isinstance(code, str) else None
    if dtype is None or type(dtype) not in _NUMBER_TYPES or not dtype.isnative:
        raise pickle.UnpicklingError(f'a checkpoint may not hold NumPy data of type {code!r}')
    return dtype
