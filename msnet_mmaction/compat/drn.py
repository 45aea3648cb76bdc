"""A model that the wheel of MMAction2 1.2.0 lacks (open-mmlab/mmaction2#2714)."""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any


def provide_drn() -> None:
    """Provide ``mmaction.models.localizers.drn``, which the wheel of MMAction2 1.2.0 lacks.

    Without it, ``import mmaction.models`` fails (open-mmlab/mmaction2#2714). The module is a
    stand-in; building the model DRN is an error.
    """
    package = importlib.util.find_spec('mmaction')
    name = 'mmaction.models.localizers.drn'
    if package is None or not package.submodule_search_locations or name in sys.modules:
        return
    # By its files: find_spec of the submodule would import its parents, which fails.
    folders = [Path(path, 'models', 'localizers') for path in package.submodule_search_locations]
    if any((folder / 'drn').is_dir() for folder in folders):
        return

    class DRN:
        """Stand-in for a model that this installation of MMAction2 does not hold."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            raise NotImplementedError(
                'the wheel of MMAction2 1.2.0 lacks DRN (open-mmlab/mmaction2#2714): '
                'install MMAction2 from source to use it'
            )

    for module_name in (name, f'{name}.drn'):
        module: Any = ModuleType(module_name, 'Stand-in, see msnet_mmaction.compat.drn.')
        module.__spec__ = ModuleSpec(module_name, loader=None, is_package=True)
        module.__path__ = []
        module.DRN = DRN
        sys.modules[module_name] = module
