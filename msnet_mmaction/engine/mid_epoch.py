"""The state of a training between two iterations of an epoch: saving it, going on from it."""

import itertools
from collections.abc import Iterator, Sized
from pathlib import Path
from typing import cast

from mmengine.dist import all_gather_object, get_rank, is_main_process
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn
from torch.utils.data import Sampler

from ..utils.files import atomic_write_bytes
from .checkpoint_files import WHOLE_FILES

#: The name of such a checkpoint in the work directory; there is one at a time.
MID_EPOCH = 'mid_epoch.pth'


def save_mid_epoch(
    runner: Runner, iteration: int, buffers: dict[str, Tensor] | None = None
) -> Path:
    """Save the state before an iteration, and note it as what a run resumes from.

    Every process must call it. Without ``SyncBuffersHook``'s mean, which comes at the end of an
    epoch, each process has statistics of batch norms of its own: all are saved.

    Args:
        runner: The runner; it is in an epoch of its training.
        iteration: Number of iterations done, of all epochs.
        buffers: The network's buffers before the iteration, if they are others by now.

    Returns:
        The file.
    """
    buffers = network_buffers(runner.model) if buffers is None else buffers
    by_rank = all_gather_object({key: value.cpu() for key, value in buffers.items()})
    meta = dict(
        epoch=runner.epoch,
        iter=iteration,
        iters_per_epoch=len(runner.train_dataloader),
        buffers_by_rank=by_rank,
    )
    path = Path(runner.work_dir, MID_EPOCH)
    runner.save_checkpoint(
        runner.work_dir,
        path.name,
        meta=meta,
        by_epoch=False,
        backend_args=dict(backend=WHOLE_FILES),
    )
    if is_main_process():
        atomic_write_bytes(path.with_name('last_checkpoint'), str(path).encode())
    return path


def restore_buffers(runner: Runner, meta: dict) -> None:
    """Give this process the buffers that it had.

    Args:
        runner: The runner.
        meta: Of the checkpoint that it has resumed from.

    Raises:
        ValueError: If the checkpoint is of another number of processes or another batch size.
    """
    by_rank, length = meta['buffers_by_rank'], len(runner.train_dataloader)
    if len(by_rank) != runner.world_size or meta['iters_per_epoch'] != length:
        raise ValueError(
            f'{MID_EPOCH} is of {len(by_rank)} processes and {meta["iters_per_epoch"]} iterations '
            f'an epoch, this run of {runner.world_size} and {length}: such a run can only go on '
            f'from the end of an epoch. Remove {MID_EPOCH}, then resume'
        )
    for key, buffer in network_buffers(runner.model).items():
        buffer.copy_(by_rank[get_rank()][key])


def network_buffers(model: nn.Module) -> dict[str, Tensor]:
    """The buffers that checkpoints hold, by their names there; not copied."""
    model = cast(nn.Module, model.module) if is_model_wrapper(model) else model
    names = model.state_dict().keys()
    return {name: buffer for name, buffer in model.named_buffers() if name in names}


class RestOfEpoch(Sampler[int]):
    """What a sampler yields, but for the first.

    Args:
        sampler: The sampler.
        skip: How many of its samples are left out. Its length stays: it is that of the epoch.
    """

    def __init__(self, sampler: Sampler[int], skip: int) -> None:
        self.sampler = sampler
        self.skip = skip

    def __iter__(self) -> Iterator[int]:
        return itertools.islice(iter(self.sampler), self.skip, None)

    def __len__(self) -> int:
        return len(cast(Sized, self.sampler))
