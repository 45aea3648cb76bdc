"""What the OpenMMLab wheels need on a current torch: one function a fault.

Each function looks for its fault and does nothing where there is none, so that older official
stacks (torch 2.1, the full mmcv 2.0) are left as they are. :func:`apply` calls them all; it runs
when the package is imported, thus before MMEngine reads a checkpoint or builds a ``Runner``.
"""

import atexit
import functools
import gc
import importlib.metadata
import importlib.util
import os
import pickle
import sys
import warnings
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from mmengine.device import get_device
from mmengine.dist import utils as dist_utils
from mmengine.fileio import file_client
from mmengine.logging import HistoryBuffer
from mmengine.model import MMDistributedDataParallel

_MMCV_HELP = (
    'MMAction2 1.2 needs one of mmcv and mmcv-lite, 2.0 or 2.1. MotionSqueeze is happy with the '
    'one that needs no compiler: pip install mmcv-lite==2.1.0'
)


def apply() -> None:
    """Mend what is at fault in this environment; calling it again changes nothing."""
    check_mmcv()
    silence_import_warnings()
    silence_file_client()
    provide_drn()
    allow_mmengine_checkpoints()
    launch_without_gpu()


def check_mmcv() -> None:
    """MMAction2 asserts mmcv < 2.2, and mmcv and mmcv-lite overwrite each other's files.

    Raises:
        ImportError: If there is no mmcv, more than one, or one of another version.
    """
    found = {}
    for name in ('mmcv', 'mmcv-lite', 'mmcv-full'):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    if not found:
        # Without metadata it may still be there, as a checkout on the path.
        if importlib.util.find_spec('mmcv') is None:
            raise ImportError(f'mmcv is not installed. {_MMCV_HELP}')
        return
    listed = ' and '.join(f'{name} {version}' for name, version in found.items())
    if len(found) > 1:
        raise ImportError(
            f'{listed} are installed, and share one import name: uninstall both, then install '
            f'one. {_MMCV_HELP}'
        )
    (version,) = found.values()
    if version.split('.')[:2] not in (['2', '0'], ['2', '1']):
        raise ImportError(f'{listed} does not fit. {_MMCV_HELP}')


def silence_import_warnings() -> None:
    """Warnings of every start that tell a user nothing to act on.

    MMEngine uses pkg_resources (open-mmlab/mmcv#3325; our requirements hold setuptools below 81)
    and an old argument of DistributedDataParallel; mmcv-lite lacks an operation that no model here
    uses.
    """
    warnings.filterwarnings(
        'ignore',
        message='pkg_resources is deprecated as an API',
        category=UserWarning,
        # MMEngine also reloads it: then the warning is charged to importlib.
        module=r'mmengine\.utils\.package_utils|importlib$',
    )
    warnings.filterwarnings(
        'ignore',
        message='Fail to import ``MultiScaleDeformableAttention``',
        category=UserWarning,
        module=r'mmcv\.cnn\.bricks\.transformer',
    )
    warnings.filterwarnings(
        'ignore',
        message='`broadcast_buffers` is deprecated',
        category=FutureWarning,
        module=r'mmengine\.model\.wrappers\.distributed',
    )


def silence_file_client() -> None:
    """MMEngine announces the end of ``FileClient``, which MMAction2 reads every video through."""
    # The module logs these two announcements and nothing else.
    file_client.print_log = lambda *args, **kwargs: None


def provide_drn() -> None:
    """The wheel of MMAction2 1.2.0 lacks ``mmaction.models.localizers.drn``.

    ``import mmaction.models`` fails for it (open-mmlab/mmaction2#2714). A stand-in lets the import
    pass; building the model DRN says what is missing.
    """
    package = importlib.util.find_spec('mmaction')
    name = 'mmaction.models.localizers.drn'
    if package is None or name in sys.modules:
        return
    # By its files: find_spec of the submodule would import its parents, which is what fails.
    folders = [Path(path, 'models', 'localizers') for path in package.submodule_search_locations]
    if any((folder / 'drn').is_dir() for folder in folders):
        return

    class DRN:
        """Stand-in for a model that this installation of MMAction2 does not hold."""

        def __init__(self, *args, **kwargs) -> None:
            raise NotImplementedError(
                'the wheel of MMAction2 1.2.0 lacks DRN (open-mmlab/mmaction2#2714): '
                'install MMAction2 from source to use it'
            )

    for module_name in (name, f'{name}.drn'):
        module = ModuleType(module_name, 'Stand-in, see msnet_mmaction.compat.')
        module.__spec__ = ModuleSpec(module_name, loader=None, is_package=True)
        module.__path__ = []
        module.DRN = DRN
        sys.modules[module_name] = module


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
    for function in (np.zeros(1).__reduce__()[0], np.float64(0).__reduce__()[0]):
        for module in ('numpy.core.multiarray', 'numpy._core.multiarray'):
            allowed.append((function, f'{module}.{function.__name__}'))
    torch.serialization.add_safe_globals(allowed)


#: The classes of NumPy's dtypes of numbers: torch asks for them one by one.
_NUMBER_TYPES = frozenset(type(np.dtype(code)) for code in '?bBhHiIlLqQefdgFDG')


class _CheckedHistory(HistoryBuffer):
    """In place of ``HistoryBuffer`` in a checkpoint: takes the state it should have, no other.

    The original takes any attributes, and any statistics for all of its instances.
    """

    def __init__(self, *args, **kwargs) -> None:
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


def launch_without_gpu() -> None:
    """MMEngine's ``pytorch`` launcher needs a GPU: two processes on a CPU fail, and fail twice.

    It calls ``torch.cuda.set_device``, and hands a device's number to DistributedDataParallel.
    Where MMEngine finds no accelerator, the first becomes :func:`init_gloo_without_gpu` and the
    second is left out. That was preferred to starting the process group while the package is
    imported: only a ``Runner`` with ``launcher='pytorch'`` gets there, never a worker of a
    dataloader (which imports the package too, with torchrun's variables in its environment).
    """
    original = MMDistributedDataParallel.__init__
    if get_device() != 'cpu' or hasattr(original, '__wrapped__'):
        return
    # It warns of a copy that gradients of 1 x 1 convolutions need, which costs a CPU nothing.
    warnings.filterwarnings('ignore', message='Grad strides do not match bucket view strides')

    @functools.wraps(original)
    def init_without_device(self, *args, device_ids=None, **kwargs):
        original(self, *args, **kwargs)

    MMDistributedDataParallel.__init__ = init_without_device
    dist_utils._init_dist_pytorch = init_gloo_without_gpu


def init_gloo_without_gpu(backend: str = 'nccl', init_backend: str = 'torch', **kwargs) -> None:
    """Start the process group of a process started by torchrun, where there is no GPU.

    Nothing happens where there is one, where the group is there already, and without torchrun.

    Args:
        backend: As in ``env_cfg.dist_cfg``; nccl, MMEngine's default, becomes gloo.
        init_backend: As MMEngine's; of no use without a GPU.
        **kwargs: For ``torch.distributed.init_process_group``.
    """
    launched = {'RANK', 'LOCAL_RANK', 'WORLD_SIZE'} <= os.environ.keys()
    if launched and get_device() == 'cpu' and not torch.distributed.is_initialized():
        torch.distributed.init_process_group('gloo' if backend == 'nccl' else backend, **kwargs)
        atexit.register(_leave_process_group)


def _leave_process_group() -> None:
    """End gloo's threads while they can: one that asks for Python later aborts the process."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    # The network, in a cycle of references of a runner that has ended, holds the group as well.
    gc.collect()
