"""One name for the best checkpoint of a run."""

import shutil
from pathlib import Path

from mmaction.registry import HOOKS
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...utils.files import atomic_write


@HOOKS.register_module()
class BestCheckpointLinkHook(Hook):
    """Keep ``best.pth``, a link to the best checkpoint of the run so far.

    The checkpoint itself has its epoch in its name, such as ``best_acc_top1_epoch_5.pth``. Where
    the system has no links, ``best.pth`` is a copy.

    The checkpoint is written by ``CheckpointHook(save_best=...)``. If that keeps the best of
    several metrics, there is no ``best.pth``.
    """

    # After CheckpointHook (VERY_LOW, 90), before hooks that may stop the run (LOWEST, 100).
    priority = 95

    @master_only
    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Link ``best.pth`` to the best checkpoint that CheckpointHook knows."""
        best = Path(runner.message_hub.runtime_info.get('best_ckpt') or '')
        # It may be on another machine, or have been moved since.
        if not best.is_file():
            return
        with atomic_write(best.with_name('best.pth')) as part:
            try:
                part.symlink_to(best.name)
            except OSError:
                shutil.copyfile(best, part)
