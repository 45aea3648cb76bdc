"""Names of NumPy that MMAction2 1.2 uses and that NumPy 2 removed."""

import functools
import importlib
from types import ModuleType
from typing import Any

import numpy as np

#: The removed name that each of these modules of MMAction2 uses.
_MODULES = {
    'mmaction.evaluation.functional.accuracy': 'trapz',
    'mmaction.evaluation.metrics.multimodal_metric': 'in1d',
    'mmaction.datasets.transforms.pose_transforms': 'Inf',
    'mmaction.utils.misc': 'Inf',
}


def provide_numpy_names() -> None:
    """Give MMAction2 the names that the installed NumPy lacks.

    NumPy 2.0 removed ``Inf`` (``PoseCompact``, ``MMCompact``, ``frame_extract``), NumPy 2.4
    ``in1d`` (``RetrievalRecall``) and ``trapz`` (AR@AN of ``ANetMetric``). NumPy itself is not
    changed: only the name ``np`` of these modules is replaced by a module with the missing names,
    which takes all others from NumPy.
    """
    for path, name in _MODULES.items():
        if not hasattr(np, name):
            module: Any = importlib.import_module(path)
            if module.np is np:
                module.np = _numpy_with(name)


def _numpy_with(name: str) -> ModuleType:
    substitutes = {'in1d': _in1d, 'Inf': np.inf}
    stand_in: Any = ModuleType('numpy', 'Stand-in, see msnet_mmaction.compat.numpy2.')
    setattr(stand_in, name, np.trapezoid if name == 'trapz' else substitutes[name])
    # Asked for what the stand-in itself does not hold (PEP 562).
    stand_in.__getattr__ = functools.partial(getattr, np)
    return stand_in


def _in1d(ar1: np.ndarray, ar2: np.ndarray, **kwargs: Any) -> np.ndarray:
    return np.isin(np.ravel(ar1), ar2, **kwargs)
