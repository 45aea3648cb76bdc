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
