"""What the OpenMMLab wheels need on a current torch: one file a fault.

Each function looks for its fault and does nothing where there is none, so that older official
stacks (torch 2.1, the full mmcv 2.0) are left as they are. :func:`apply` calls them all; it runs
when the package is imported, thus before MMEngine reads a checkpoint or builds a ``Runner``.
"""

from .checkpoints import allow_mmengine_checkpoints
from .distributed import init_gloo_without_gpu, launch_without_gpu
from .drn import provide_drn
from .mmcv_version import check_mmcv
from .warnings import silence_file_client, silence_import_warnings

__all__ = [
    'allow_mmengine_checkpoints',
    'apply',
    'check_mmcv',
    'init_gloo_without_gpu',
    'launch_without_gpu',
    'provide_drn',
    'silence_file_client',
    'silence_import_warnings',
]


def apply() -> None:
    """Mend what is at fault in this environment; calling it again changes nothing."""
    check_mmcv()
    silence_import_warnings()
    silence_file_client()
    provide_drn()
    allow_mmengine_checkpoints()
    launch_without_gpu()
