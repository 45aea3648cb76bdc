"""FLOPs and parameters of the experiments, counted here."""

import csv
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mmaction.registry import MODELS

from ..benchmark.complexity import Complexity, complexity
from .configs import ROOT, load_config, pipeline_shape
from .experiments import Experiment

#: Counts of each config.
Counts = dict[str, Complexity]


def count(configs: Iterable[str], root: Path = ROOT) -> Counts:
    """Count each config; equal networks once. Progress goes to stderr."""
    configs = list(dict.fromkeys(configs))
    counts: Counts = {}
    equal: dict[str, Complexity] = {}
    for number, config in enumerate(configs, 1):
        print(f'[{number}/{len(configs)}] {config}', file=sys.stderr, flush=True)
        cfg = load_config(config, root)
        model = MODELS.build(cfg.model)
        shape = pipeline_shape(cfg, model)
        key = f'{shape} {cfg.model.to_dict()}'
        if key not in equal:
            equal[key] = complexity(model, shape)
        counts[config] = equal[key]
    return counts


def configs_of(experiments: Iterable[Experiment]) -> list[str]:
    """All configs that train a network of the experiments, each once."""
    return list(
        dict.fromkeys(
            network.config
            for experiment in experiments
            for networks in experiment.networks.values()
            for network in networks
        )
    )


@dataclass(frozen=True)
class Cost:
    """The cost of an experiment: the sum over its networks, for one clip.

    Attributes:
        flops: 10^9 multiply-adds.
        params: 10^6 parameters.
    """

    flops: float
    params: float

    def __sub__(self, other: 'Cost') -> 'Cost':
        return Cost(self.flops - other.flops, self.params - other.params)


def cost(experiment: Experiment, dataset: str, counts: Counts) -> Cost | None:
    """The cost of an experiment on a data set; None if one of its networks was not counted."""
    networks = experiment.networks.get(dataset, ())
    if not networks or any(network.config not in counts for network in networks):
        return None
    parts = [counts[network.config] for network in networks]
    return Cost(sum(p.flops for p in parts) / 1e9, sum(p.params for p in parts) / 1e6)


def write_counts(counts: Counts) -> str:
    """Counts as CSV: config, flops, params."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator='\n')
    writer.writerow(['config', 'flops', 'params'])
    writer.writerows([config, c.flops, c.params] for config, c in counts.items())
    return out.getvalue()


def read_counts(path: Path) -> Counts:
    """Read a file of :func:`write_counts`.

    Raises:
        ValueError: If the file has another format.
    """
    try:
        with path.open(newline='') as file:
            return {
                row['config']: Complexity(flops=int(row['flops']), params=int(row['params']))
                for row in csv.DictReader(file)
            }
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f'{path} is no table of config, flops, params: {error!r}') from error
