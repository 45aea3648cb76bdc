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
    """Validate and test on a copy that :func:`msnet_mmaction.optimize_for_inference` makes.

    Scores are those of the model, to rounding; training is not touched. Off unless a config asks
    for it. The copy is made when a validation or a test begins, after an ``EMAHook`` has put its
    average in place, and the model is back before anything is saved.
    """

    # After EMAHook (NORMAL), before CheckpointHook (VERY_LOW).
    priority = 'LOW'

    def __init__(self) -> None:
        self._model: nn.Module | None = None

    def before_val_epoch(self, runner: Runner) -> None:
        """Put the copy in the model's place."""
        self._swap(runner, 'validation')

    def before_test_epoch(self, runner: Runner) -> None:
        """Put the copy in the model's place."""
        self._swap(runner, 'test')

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Hand the model back."""
        self._hand_back(runner)

    def after_test_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Hand the model back."""
        self._hand_back(runner)

    def _swap(self, runner: Runner, what: str) -> None:
        model = self._model = runner.model
        copy = optimize_for_inference(model.module if is_model_wrapper(model) else model)
        runner.model = copy.eval()
        runner.logger.info(
            f'OptimizeForInferenceHook: the {what} runs on a copy of the model, with '
            f'{count_fused(copy)} convolutions fused'
        )

    def _hand_back(self, runner: Runner) -> None:
        runner.model, self._model = self._model, None
