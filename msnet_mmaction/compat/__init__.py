"""Corrections of the OpenMMLab wheels and of their OneDL fork for a current torch, one file each.

Each function checks for its fault and does nothing without it, so that older stacks (torch 2.1, the
full mmcv 2.0) are not changed. :func:`apply` calls all of them. It runs when the package is
imported, before MMEngine reads a checkpoint or builds a ``Runner``.
"""

from .distributions import check_distributions

# First, because the other files import mmengine.
check_distributions()

from .checkpoint_fallback import refuse_unsafe_checkpoints
from .checkpoints import allow_mmengine_checkpoints
from .distributed import init_gloo_without_gpu, launch_without_gpu
from .drn import provide_drn
from .mmcv_limit import pass_mmcv_limit
from .numpy2 import provide_numpy_names
from .warnings import silence_file_client, silence_import_warnings

__all__ = [
    'allow_mmengine_checkpoints',
    'apply',
    'check_distributions',
    'init_gloo_without_gpu',
    'launch_without_gpu',
    'pass_mmcv_limit',
    'provide_drn',
    'provide_numpy_names',
    'refuse_unsafe_checkpoints',
    'silence_file_client',
    'silence_import_warnings',
]


def apply() -> None:
    """Correct the faults of this environment. Calling it again has no effect."""
    check_distributions()
    silence_import_warnings()
    silence_file_client()
    pass_mmcv_limit()
    provide_drn()
    provide_numpy_names()
    allow_mmengine_checkpoints()
    refuse_unsafe_checkpoints()
    launch_without_gpu()
