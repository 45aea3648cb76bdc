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
    """Keep ``best.pth``, a link to the checkpoint that validated best so far.

    The name of the checkpoint itself, as ``best_acc_top1_epoch_5.pth``, tells its epoch, which is
    another one in every run. Where the system has no links, ``best.pth`` is a copy.

    ``CheckpointHook(save_best=...)`` writes that checkpoint: of one metric; where it keeps the best
    of several, there is no ``best.pth``.
    """

    # After CheckpointHook (VERY_LOW, 90), before hooks that may stop the run (LOWEST, 100).
    priority = 95

    @master_only
    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Let ``best.pth`` be the best checkpoint that CheckpointHook has noted."""
        best = Path(runner.message_hub.runtime_info.get('best_ckpt') or '')
        # It may be on another machine, or have been moved since.
        if not best.is_file():
            return
        with atomic_write(best.with_name('best.pth')) as part:
            try:
                part.symlink_to(best.name)
            except OSError:
                shutil.copyfile(best, part)
