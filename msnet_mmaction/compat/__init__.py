"""What the OpenMMLab wheels and the OneDL fork of them need on a current torch: one file a fault.

Each function looks for its fault and does nothing where there is none, so that older official
stacks (torch 2.1, the full mmcv 2.0) are left as they are. :func:`apply` calls them all; it runs
when the package is imported, thus before MMEngine reads a checkpoint or builds a ``Runner``.
"""

from .distributions import check_distributions

# The files below import mmengine: what is wrong with it is said first.
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
    """Mend what is at fault in this environment; calling it again changes nothing."""
    check_distributions()
    silence_import_warnings()
    silence_file_client()
    pass_mmcv_limit()
    provide_drn()
    provide_numpy_names()
    allow_mmengine_checkpoints()
    refuse_unsafe_checkpoints()
    launch_without_gpu()
