"""The report of files that could not be read in a validation or a test."""

from collections.abc import Sequence, Sized
from typing import cast

from mmaction.registry import HOOKS
from mmengine.dist import all_gather_object
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from ...datasets import DataError


@HOOKS.register_module()
class BrokenFilesHook(Hook):
    """Carry a test on past files that can't be read, and list them all at its end.

    The results of the rest are computed, logged and dumped first; then the test ends in an error.
    A validation during training ends in a warning, and in an error if the broken files are more
    than ``max_broken`` of the list, which the dataset is told for its training.

    It belongs among ``default_hooks``, which no config replaces unawares.
    """

    priority = 'LOWEST'  # after those that log, and save, what the metrics say

    def before_val_epoch(self, runner: Runner) -> None:
        """Start a list."""
        self._start(runner.val_dataloader)

    def before_test_epoch(self, runner: Runner) -> None:
        """Start a list."""
        self._start(runner.test_dataloader)

    def after_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict, outputs: Sequence
    ) -> None:
        """Take down what could not be read."""
        self._read_errors.update(_read_errors(data_batch))

    def after_test_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict, outputs: Sequence
    ) -> None:
        """Take down what could not be read."""
        self._read_errors.update(_read_errors(data_batch))

    def after_val_epoch(self, runner: Runner, metrics: dict) -> None:
        """Warn of what could not be read.

        Raises:
            DataError: If it is too much.
        """
        report, share = self._report(runner.val_dataloader)
        if not report:
            return
        if share > getattr(runner.val_dataloader.dataset, 'max_broken', 0):
            raise DataError(report)
        runner.logger.warning(report)

    def after_test_epoch(self, runner: Runner, metrics: dict) -> None:
        """List what could not be read.

        Raises:
            DataError: If there is anything.
        """
        report, _ = self._report(runner.test_dataloader)
        if report:
            raise DataError(report)

    def _start(self, loader: DataLoader) -> None:
        self._read_errors: set[str] = set()
        if hasattr(loader.dataset, 'report_at_end'):
            loader.dataset.report_at_end = True

    def _report(self, loader: DataLoader) -> tuple[str, float]:
        """What to say, nothing if all is well, and the share of the list that is broken."""
        errors = sorted(set().union(*all_gather_object(self._read_errors)))
        if not errors:
            return '', 0.0
        total = len(cast(Sized, loader.dataset))
        lines = ''.join(f'\n  {error}' for error in errors)
        return (
            f'{len(errors)} of {total} samples could not be read; the figures above are of the '
            f'other {total - len(errors)}:{lines}'
        ), len(errors) / total


def _read_errors(data_batch: dict) -> set[str]:
    """Those of a batch, whose samples have them whatever the model gives for them."""
    samples = data_batch.get('data_samples', ())
    return {sample.read_error for sample in samples if 'read_error' in sample}
