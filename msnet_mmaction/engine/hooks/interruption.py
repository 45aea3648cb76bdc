"""Runs that a scheduler ends before they are through."""

import functools
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from mmaction.registry import HOOKS
from mmengine.device import get_device
from mmengine.dist import all_reduce, master_only
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.runner import EpochBasedTrainLoop, Runner
from torch.utils.data import DataLoader

from ..checkpoint_files import named_latest
from ..mid_epoch import MID_EPOCH, RestOfEpoch, restore_buffers, save_mid_epoch

#: Exit status of a run that was told to end and can be resumed: EX_TEMPFAIL of sysexits.h.
REQUEUE = 75


@HOOKS.register_module()
class InterruptionHook(Hook):
    """Save a training within an epoch, and go on from there, by batch and by iteration.

    SIGTERM, which schedulers send before they kill, ends the training after the iteration that is
    under way: the state is saved as ``mid_epoch.pth`` and the process exits with status 75,
    "requeue". During a validation it exits at once: what was trained is saved by then. A second
    SIGTERM ends the process as ever. The file is removed once an epoch is saved.

    With gradient accumulation it waits until the gradients are applied. A run by iterations saves
    by ``CheckpointHook(by_epoch=False)``; this hook then does nothing.

    Args:
        interval: Iterations from one such checkpoint to the next, besides those on SIGTERM; 0 for
            none.

    Raises:
        ValueError: If the interval is negative.
    """

    # After CheckpointHook (VERY_LOW, 90) and whatever changes the state, before hooks that may
    # stop the run (LOWEST, 100).
    priority = 95

    def __init__(self, interval: int = 0) -> None:
        if interval < 0:
            raise ValueError(f'interval must be 0 or more, got {interval}')
        self.interval = interval
        self._told_to_end = False
        self._before: Any = None
        self._meta: dict = {}
        self._whole_sampler: Any = None

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Note where in an epoch it was saved."""
        meta = checkpoint.get('meta', {})
        if runner._resume and 'buffers_by_rank' in meta:
            self._meta = meta

    def before_run(self, runner: Runner) -> None:
        """Listen to SIGTERM."""
        # MMEngine has no public word for "this loop runs": it is built when it is run.
        if not isinstance(runner._train_loop, EpochBasedTrainLoop):
            return
        self._listen()
        for loader in (runner.train_dataloader, getattr(runner.val_loop, 'dataloader', None)):
            if loader is not None:
                _end_with_parent_alone(loader)

    def before_train(self, runner: Runner) -> None:
        """Go on within an epoch."""
        if self._meta:
            restore_buffers(runner, self._meta)

    def before_train_epoch(self, runner: Runner) -> None:
        """Leave out the batches that were trained before the run ended."""
        if not isinstance(runner.train_loop, EpochBasedTrainLoop):
            return
        loader = runner.train_dataloader
        done = runner.iter - runner.epoch * len(loader)
        if not self._meta or done <= 0:
            return
        runner.logger.info(
            f'Epoch {runner.epoch + 1} goes on after {done} of {len(loader)} iterations; the log '
            'counts those that are left'
        )
        self._whole_sampler = loader.batch_sampler.sampler
        skip = done * loader.batch_size
        loader.batch_sampler.sampler = RestOfEpoch(self._whole_sampler, skip)

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: DATA_BATCH = None,
        outputs: dict | None = None,
    ) -> None:
        """Save, if it is time to or the run is to end; leave in the second case.

        Raises:
            SystemExit: If the run is to end.
        """
        if not isinstance(runner.train_loop, EpochBasedTrainLoop):
            return
        told = torch.tensor(float(self._told_to_end), device=get_device())
        all_reduce(told, 'max')
        if not runner.optim_wrapper.should_update():
            return
        if told.item():
            path = save_mid_epoch(runner, runner.iter + 1)
            runner.logger.warning(
                f'SIGTERM: iteration {runner.iter + 1} is saved to {path}; go on with --resume'
            )
            raise SystemExit(REQUEUE)
        if self.interval and self.every_n_train_iters(runner, self.interval):
            save_mid_epoch(runner, runner.iter + 1)

    def after_train_epoch(self, runner: Runner) -> None:
        """Count whole epochs again; drop what is older than the epoch's own checkpoint."""
        if self._whole_sampler is not None:
            runner.train_dataloader.batch_sampler.sampler = self._whole_sampler
            self._whole_sampler, self._meta = None, {}
        self._remove_outdated(runner)

    def after_val_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: DATA_BATCH = None,
        outputs: Sequence | None = None,
    ) -> None:
        """Leave a validation of a training, if the run is to end.

        Raises:
            SystemExit: Then.
        """
        if self._told_to_end:
            # Not agreed upon: processes may have different numbers of batches.
            runner.logger.warning('SIGTERM: the training is saved; go on with --resume')
            raise SystemExit(REQUEUE)

    def after_train(self, runner: Runner) -> None:
        """Listen no more."""
        self._listen_no_more()

    @master_only
    def _remove_outdated(self, runner: Runner) -> None:
        path = Path(runner.work_dir, MID_EPOCH)
        if named_latest(runner.work_dir) != str(path):
            path.unlink(missing_ok=True)

    def _listen(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, self._on_sigterm)

    def _listen_no_more(self) -> None:
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)
            self._before = None

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:
        self._told_to_end = True
        self._listen_no_more()


def _end_with_parent_alone(loader: DataLoader) -> None:
    """Schedulers and torchrun tell data workers to end too, which would end the training at once.

    They still end when the process that they work for tells them, or has ended.
    """
    # Where there is no sigwaitinfo (not on Linux), nobody can tell who has sent a signal.
    if hasattr(signal, 'sigwaitinfo'):
        loader.worker_init_fn = functools.partial(_init_worker, loader.worker_init_fn)


def _init_worker(init: Callable[[int], None] | None, worker: int) -> None:
    if init is not None:
        init(worker)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    threading.Thread(target=_wait_for_parent, args=(os.getppid(),), daemon=True).start()


def _wait_for_parent(parent: int) -> None:
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != parent:
        pass
    os._exit(0)
