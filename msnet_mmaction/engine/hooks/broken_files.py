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
    """Continue a test after files that can't be read, and list them at its end.

    The results of the other files are computed, logged and dumped; then the test ends with an
    error. A validation during training ends with a warning, or with an error if the share of broken
    files exceeds ``max_broken`` of the data set.

    Put it among ``default_hooks``, so that ``custom_hooks`` of a config do not replace it.
    """

    priority = 'LOWEST'  # after the hooks that log and save the metrics

    def before_val_epoch(self, runner: Runner) -> None:
        """Clear the list of errors."""
        self._start(runner.val_dataloader)

    def before_test_epoch(self, runner: Runner) -> None:
        """Clear the list of errors."""
        self._start(runner.test_dataloader)

    def after_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict, outputs: Sequence
    ) -> None:
        """Add the read errors of a batch."""
        self._read_errors.update(_read_errors(data_batch))

    def after_test_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict, outputs: Sequence
    ) -> None:
        """Add the read errors of a batch."""
        self._read_errors.update(_read_errors(data_batch))

    def after_val_epoch(self, runner: Runner, metrics: dict) -> None:
        """Warn of files that could not be read.

        Raises:
            DataError: If their share exceeds ``max_broken``.
        """
        report, share = self._report(runner.val_dataloader)
        if not report:
            return
        if share > getattr(runner.val_dataloader.dataset, 'max_broken', 0):
            raise DataError(report)
        runner.logger.warning(report)

    def after_test_epoch(self, runner: Runner, metrics: dict) -> None:
        """Report files that could not be read.

        Raises:
            DataError: If there are any.
        """
        report, _ = self._report(runner.test_dataloader)
        if report:
            raise DataError(report)

    def _start(self, loader: DataLoader) -> None:
        self._read_errors: set[str] = set()
        if hasattr(loader.dataset, 'report_at_end'):
            loader.dataset.report_at_end = True

    def _report(self, loader: DataLoader) -> tuple[str, float]:
        """The report, empty if all files were read, and the share of broken files."""
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
    """The read errors of the placeholders in a batch."""
    samples = data_batch.get('data_samples', ())
    return {sample.read_error for sample in samples if 'read_error' in sample}
