"""Validation and testing on a copy that is optimised for inference."""

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from ...models.inference import optimize_for_inference
from ...models.inference.optimize import count_fused


@HOOKS.register_module()
class OptimizeForInferenceHook(Hook):
    """Validate and test on a copy that :func:`.optimize_for_inference` makes.

    Scores are those of the model, up to rounding; training is not changed. The configs of this
    package do not have the hook. The copy is made when a validation or test begins, after an
    ``EMAHook`` has swapped in its average. The model is restored before checkpoints are saved.
    """

    # After EMAHook (NORMAL), before CheckpointHook (VERY_LOW).
    priority = 'LOW'

    def __init__(self) -> None:
        self._model: nn.Module | None = None

    def before_val_epoch(self, runner: Runner) -> None:
        """Replace the model by the copy."""
        self._swap(runner, 'validation')

    def before_test_epoch(self, runner: Runner) -> None:
        """Replace the model by the copy."""
        self._swap(runner, 'test')

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Restore the model."""
        self._restore(runner)

    def after_test_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Restore the model."""
        self._restore(runner)

    def _swap(self, runner: Runner, what: str) -> None:
        model = self._model = runner.model
        copy = optimize_for_inference(model.module if is_model_wrapper(model) else model)
        runner.model = copy.eval()
        runner.logger.info(
            f'OptimizeForInferenceHook: the {what} runs on a copy of the model, with '
            f'{count_fused(copy)} convolutions fused'
        )

    def _restore(self, runner: Runner) -> None:
        runner.model, self._model = self._model, None
