"""Testing with folded batch norms."""

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from ...models.inference.fold import fold_batch_norms


@HOOKS.register_module()
class FoldBatchNormsHook(Hook):
    """Fold the batch norms before a test: faster, with equal outputs.

    For a config that is tested only, as ``custom_hooks``; training is not touched. See
    :func:`msnet_mmaction.fold_batch_norms`.
    """

    def before_test(self, runner: Runner) -> None:
        """Fold, once the checkpoint is loaded."""
        model = runner.model
        fold_batch_norms(model.module if is_model_wrapper(model) else model)
