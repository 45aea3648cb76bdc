"""Loading MMEngine's checkpoints with ``weights_only=True`` (open-mmlab/mmengine#1655)."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

#: The classes of NumPy's dtypes of numbers: torch asks for them one by one.
_NUMBER_TYPES = frozenset(type(np.dtype(code)) for code in '?bBhHiIlLqQefdgFDG')


def allow_mmengine_checkpoints() -> None:
    """Since torch 2.6, ``weights_only=True`` is the default and refuses MMEngine's checkpoints.

    They hold ``HistoryBuffer`` and numbers of NumPy (open-mmlab/mmengine#1655), so ``resume`` and
    ``test`` fail. These are allowed here, and nothing that could run code: ``HistoryBuffer``,
    ``getattr`` and ``numpy.dtype``, which could be led further, are replaced by narrow ones.

    Older versions of torch load as MMEngine asks them to, without ``weights_only``, and cannot
    be given such substitutes: with them, load only files that you trust.
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
    """In place of ``HistoryBuffer`` in a checkpoint: takes the state it should have, no other.

    The original takes any attributes, and any statistics for all of its instances.
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
        # From here on it is the original, which torch would not let the checkpoint touch again.
        self.__class__ = HistoryBuffer


def _history_method(owner: object, name: str) -> Callable:
    """In place of ``getattr`` in a checkpoint: the statistics that ``HistoryBuffer`` registers."""
    if owner is _CheckedHistory and name in ('min', 'max', 'mean', 'current'):
        return getattr(HistoryBuffer, name)
    raise pickle.UnpicklingError(f'a checkpoint may not ask for {name!r} of {owner!r}')


def _number_dtype(code: str, align: bool = False, copy: bool = False) -> np.dtype:
    """In place of ``numpy.dtype`` in a checkpoint: numbers only.

    NumPy's own instance is returned, never a copy: it ignores the state that a pickle sets next,
    which could otherwise be forged to have plain bytes read as objects.
    """
    dtype = np.dtype(code) if isinstance(code, str) else None
    if dtype is None or type(dtype) not in _NUMBER_TYPES or not dtype.isnative:
        raise pickle.UnpicklingError(f'a checkpoint may not hold NumPy data of type {code!r}')
    return dtype
