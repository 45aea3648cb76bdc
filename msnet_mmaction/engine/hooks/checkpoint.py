"""Checkpoints that a run survives with."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from mmaction.registry import HOOKS
from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.runner import EpochBasedTrainLoop, Runner

from ..checkpoint_files import WHOLE_FILES, WholeFileBackend, remove_unfinished

#: In a run's messages, and so in its checkpoints: the last epoch that was validated.
_VALIDATED = 'last_validated_epoch'


@HOOKS.register_module()
class SafeCheckpointHook(CheckpointHook):
    """MMEngine's ``CheckpointHook``; at no moment is a run without a whole checkpoint.

    A checkpoint appears once it is complete and on the disk, and outdated ones leave after that.
    An epoch's checkpoint tells whether the epoch was validated; MMEngine resumes with the next
    epoch, so that a validation that was cut short is done first. Files that are not on a local disk
    are written as MMEngine writes them.

    Args:
        **kwargs: As ``CheckpointHook``.
    """

    backend_args: dict | None

    def before_train(self, runner: Runner) -> None:
        """Have whole files written; validate an epoch whose validation was cut short."""
        place = str(self.out_dir or runner.work_dir)
        if self.backend_args is None and self.file_client_args is None and '://' not in place:
            self.backend_args = dict(backend=WHOLE_FILES)
        super().before_train(runner)
        if is_main_process() and isinstance(self.file_backend, WholeFileBackend):
            remove_unfinished(self.out_dir)
        self.last_ckpt = runner.message_hub.runtime_info.get('last_ckpt')
        # A checkpoint of another hook does not tell.
        if _VALIDATED not in runner.message_hub.runtime_info:
            runner.message_hub.update_info(_VALIDATED, runner.epoch)
        if _lacks_validation(runner):
            runner.logger.info(f'The validation of epoch {runner.epoch} was cut short: it is done')
            runner.val_loop.run()

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: DATA_BATCH = None,
        outputs: dict | None = None,
    ) -> None:
        """Save, in a run by iterations, then remove what is outdated."""
        with self._removing_at_end():
            super().after_train_iter(runner, batch_idx, data_batch, outputs)

    def after_train_epoch(self, runner: Runner) -> None:
        """Save, in a run by epochs, then remove what is outdated."""
        with self._removing_at_end():
            super().after_train_epoch(runner)

    def after_val_epoch(self, runner: Runner, metrics: dict[str, Any]) -> None:
        """Save the best checkpoint, and note in the last one that it is validated."""
        if not hasattr(self, 'file_backend'):
            return  # nothing is trained
        hub = runner.message_hub
        hub.update_info(_VALIDATED, runner.epoch)
        best = _best(runner)
        with self._removing_at_end():
            super().after_val_epoch(runner, metrics)
            # MMEngine saves the last one again where there is a new best one.
            last = Path(self.last_ckpt).name if self.last_ckpt else None
            is_of_epoch = self.by_epoch and last == self.filename_tmpl.format(runner.epoch)
            if is_of_epoch and _best(runner) == best:
                meta = dict(epoch=runner.epoch, iter=runner.iter)
                self._save_checkpoint_with_step(runner, runner.epoch, meta)

    def _removing_at_end(self) -> AbstractContextManager[None]:
        backend = self.file_backend
        return backend.removing_at_end() if isinstance(backend, WholeFileBackend) else nullcontext()


def _best(runner: Runner) -> dict[str, Any]:
    """What MMEngine notes of the best checkpoints."""
    infos = runner.message_hub.runtime_info
    return {key: value for key, value in infos.items() if key.startswith('best_')}


def _lacks_validation(runner: Runner) -> bool:
    """Whether an epoch is at its end, and not validated as the loop would have done next."""
    loop = runner.train_loop
    return (
        isinstance(loop, EpochBasedTrainLoop)
        and runner.val_loop is not None
        and runner.message_hub.get_info(_VALIDATED) < loop.epoch
        and loop.iter == loop.epoch * len(loop.dataloader)
        and loop.epoch >= loop.val_begin
        and (loop.epoch % loop.val_interval == 0 or loop.epoch == loop.max_epochs)
    )
