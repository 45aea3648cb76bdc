"""The lines of a report: an experiment on a data set, published and measured."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .accuracy import Accuracy, measured_accuracy
from .experiments import Experiment, Network, Paper
from .measurements import Cost, Counts, cost

#: Largest difference, in 10^9 multiply-adds, of two increments that needs no explanation.
TOLERANCE = 0.3


@dataclass(frozen=True)
class Line:
    """An experiment on a data set.

    Attributes:
        experiment: The experiment.
        dataset: Name of the data set; None if neither config nor accuracy name one.
        cost: Cost that is counted here; None if it is not available.
        added: Its difference from the cost of the baseline.
        published_added: Published difference from the baseline, in 10^9 multiply-adds.
        accuracy: Measured accuracy; None if there are no results.
    """

    experiment: Experiment
    dataset: str | None
    cost: Cost | None = None
    added: Cost | None = None
    published_added: float | None = None
    accuracy: Accuracy | None = None

    @property
    def published_accuracy(self) -> tuple[float | None, float | None]:
        """Published top-1 and top-5, in per cent."""
        return self.experiment.accuracy.get(self.dataset or '', (None, None))

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks of the experiment on the data set; may be empty."""
        return self.experiment.networks.get(self.dataset or '', ())

    @property
    def differs(self) -> bool:
        """Whether counted and published increment differ by more than ``TOLERANCE``."""
        if self.added is None or self.published_added is None:
            return False
        return abs(self.added.flops - self.published_added) > TOLERANCE


def report_lines(
    paper: Paper,
    experiments: Iterable[Experiment],
    counts: Counts,
    results: Path | None = None,
) -> Iterator[Line]:
    """Put published and measured figures side by side.

    Args:
        paper: All experiments, for the baselines.
        experiments: The experiments to report.
        counts: Counts of configs; others have no FLOPs and parameters in the report.
        results: Folder with ``work_dirs``; None leaves measured accuracies out.
    """
    for experiment in experiments:
        baseline = paper.baseline(experiment)
        datasets: list[str | None] = [*experiment.datasets] or [None]
        for dataset in datasets:
            own = base = None
            if dataset is not None:
                own = cost(experiment, dataset, counts)
                base = cost(baseline, dataset, counts) if baseline else None
            published_added = None
            if experiment.flops is not None and baseline and baseline.flops is not None:
                published_added = experiment.flops - baseline.flops
            yield Line(
                experiment,
                dataset,
                cost=own,
                added=own - base if own and base else None,
                published_added=published_added,
                accuracy=measured_accuracy(experiment, dataset, results)
                if results and dataset
                else None,
            )
