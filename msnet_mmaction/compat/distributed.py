"""Several processes without a GPU."""

import atexit
import functools
import gc
import os
import warnings
from typing import Any

import torch
from mmengine.device import get_device
from mmengine.dist import utils as dist_utils
from mmengine.model import MMDistributedDataParallel


def launch_without_gpu() -> None:
    """Make MMEngine's ``pytorch`` launcher work without a GPU.

    The launcher calls ``torch.cuda.set_device`` and gives the number of a device to
    DistributedDataParallel. Without an accelerator, the first is replaced by
    :func:`init_gloo_without_gpu` and the second is removed. The process group is not started when
    the package is imported, because the workers of a dataloader import it too, with torchrun's
    variables in their environment.
    """
    original = MMDistributedDataParallel.__init__
    if get_device() != 'cpu' or hasattr(original, '__wrapped__'):
        return
    # The warning is about a copy of the gradients of 1 x 1 convolutions, negligible on a CPU.
    warnings.filterwarnings(
        'ignore',
        message='Grad strides do not match bucket view strides',
        category=UserWarning,
        module=r'torch\.autograd',
    )

    @functools.wraps(original)
    def init_without_device(self, *args, device_ids=None, **kwargs):
        original(self, *args, **kwargs)

    MMDistributedDataParallel.__init__ = init_without_device
    dist_utils._init_dist_pytorch = init_gloo_without_gpu


def init_gloo_without_gpu(
    backend: str = 'nccl', init_backend: str = 'torch', **kwargs: Any
) -> None:
    """Start the process group of a process of torchrun on a machine without a GPU.

    It does nothing with a GPU, without torchrun, or if the group exists.

    Args:
        backend: As in ``env_cfg.dist_cfg``; nccl, MMEngine's default, becomes gloo.
        init_backend: As in MMEngine; not used.
        **kwargs: Arguments of ``torch.distributed.init_process_group``.
    """
    launched = {'RANK', 'LOCAL_RANK', 'WORLD_SIZE'} <= os.environ.keys()
    if launched and get_device() == 'cpu' and not torch.distributed.is_initialized():
        torch.distributed.init_process_group('gloo' if backend == 'nccl' else backend, **kwargs)
        atexit.register(_leave_process_group)


def _leave_process_group() -> None:
    """End gloo's threads at exit; a thread that uses Python after that aborts the process."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    # The network of a finished runner, in a reference cycle, holds the group too.
    gc.collect()
