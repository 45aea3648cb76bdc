"""Accuracy without broken files."""

from collections.abc import Sequence
from typing import Any

from mmaction.evaluation import AccMetric
from mmaction.registry import METRICS


@METRICS.register_module()
class CheckedAccMetric(AccMetric):
    """mmaction2's ``AccMetric`` without the placeholders of broken files.

    It takes the same arguments. ``BrokenFilesHook`` reports the broken files.
    """

    def process(self, data_batch: Sequence[tuple[Any, dict]], data_samples: Sequence[dict]) -> None:
        """Keep the scores of a batch, and whether each is of a placeholder."""
        before = len(self.results)
        super().process(data_batch, data_samples)
        for result, sample in zip(self.results[before:], data_samples, strict=True):
            result['is_placeholder'] = sample.get('is_placeholder', False)

    def compute_metrics(self, results: list[dict]) -> dict:
        """Compute the metrics of the samples that were read; none if there are none."""
        read = [result for result in results if not result['is_placeholder']]
        return super().compute_metrics(read) if read else {}
