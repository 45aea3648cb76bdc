"""The paper's experiments as data: ``published.yml``, row by row."""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

PUBLISHED = Path(__file__).with_name('published.yml')


@dataclass(frozen=True)
class Network:
    """A network of an experiment.

    Attributes:
        config: The config that trains it.
        test: The config that tests it, if it is another one.
        split: Number of the split; None if the data set has only one.
    """

    config: str
    test: str | None = None
    split: int | None = None

    @property
    def tested(self) -> str:
        """The config that tests it."""
        return self.test or self.config


@dataclass(frozen=True)
class Experiment:
    """One row of one table or figure; ``published.yml`` explains the fields.

    Attributes:
        table: Name of the table or figure, such as ``table1``.
        row: Name of the row.
        networks: The networks whose scores are averaged, by data set.
        splits: Number of splits, by data set; 1 if it is not named.
        accuracy: Published top-1 and top-5 in per cent, by data set, None if not published.
        source: Publication of the accuracy; None for the paper.
    """

    table: str
    row: str
    ran: bool = False
    frames: str | None = None
    flow: bool = False
    flops: float | None = None
    flops_of: str | None = None
    clips: int | None = None
    params: float | None = None
    speed: float | None = None
    accuracy: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    source: str | None = None
    gain: float | None = None
    gain_above: float | None = None
    networks: dict[str, tuple[Network, ...]] = field(default_factory=dict)
    splits: dict[str, int] = field(default_factory=dict)
    baseline: str | None = None
    not_available: str | None = None
    note: str | None = None
    why: str | None = None

    @property
    def name(self) -> str:
        """``table/row``."""
        return f'{self.table}/{self.row}'

    @property
    def datasets(self) -> list[str]:
        """Data sets with a config or a published accuracy; may be empty."""
        return list(dict.fromkeys([*self.networks, *self.accuracy]))

    def networks_by_split(self, dataset: str | None) -> list[tuple[Network, ...]]:
        """The networks of each split of a data set, in order; none without a config."""
        if dataset is None:
            return []
        networks = self.networks.get(dataset, ())
        splits = self.splits.get(dataset, 1)
        if not networks or splits == 1:
            return [networks] if networks else []
        return [
            tuple(replace(network, split=number) for network in networks)
            for number in range(1, splits + 1)
        ]


@dataclass(frozen=True)
class Paper:
    """All experiments.

    Attributes:
        experiments: The experiments by ``table/row``, in the order of the paper.
        titles: Titles of the tables, by name.
        datasets: Full names of the data sets.
    """

    experiments: dict[str, Experiment]
    titles: dict[str, str]
    datasets: dict[str, str]

    def of_table(self, table: str) -> list[Experiment]:
        """The rows of a table, in order."""
        return [e for e in self.experiments.values() if e.table == table]

    def baseline(self, experiment: Experiment) -> Experiment | None:
        """The row of its table that a row is compared with."""
        if experiment.baseline is None:
            return None
        return self.experiments[f'{experiment.table}/{experiment.baseline}']

    def select(self, names: list[str]) -> list[Experiment]:
        """Experiments by name: ``table1``, or ``table1/TSN``; all if there are none.

        Raises:
            ValueError: If there is no such table or row.
        """
        chosen: dict[str, Experiment] = {}
        for name in names or self.titles:
            rows = self.of_table(name) or [
                e for e in self.experiments.values() if e.name.lower() == name.lower()
            ]
            if not rows:
                table = name.partition('/')[0]
                there = (
                    [e.row for e in self.of_table(table)] if table in self.titles else self.titles
                )
                raise ValueError(f"there is no '{name}'; there are {'; '.join(there)}")
            chosen.update((e.name, e) for e in rows)
        return list(chosen.values())


def load_paper(path: Path = PUBLISHED) -> Paper:
    """Read the published figures.

    Raises:
        ValueError: If an entry is malformed; it names the file and the row.
    """
    content = yaml.safe_load(path.read_text(encoding='utf-8'))
    experiments: dict[str, Experiment] = {}
    for table in content['tables']:
        for row in table['rows']:
            try:
                experiment = _experiment(
                    table['table'], row, content['datasets'], content['splits']
                )
                if experiment.name in experiments:
                    raise ValueError('the name is taken')
            except (TypeError, ValueError) as error:
                raise ValueError(f'{path}: {table["table"]}/{row.get("row")}: {error}') from error
            experiments[experiment.name] = experiment
    titles = {table['table']: table['title'] for table in content['tables']}
    paper = Paper(experiments, titles, content['datasets'])
    for experiment in experiments.values():
        try:
            paper.baseline(experiment)
        except KeyError as error:
            raise ValueError(f'{path}: {experiment.name}: there is no baseline {error}') from None
    return paper


def _experiment(
    table: str, row: dict[str, Any], datasets: dict[str, str], splits: dict[str, int]
) -> Experiment:
    known = {f.name for f in fields(Experiment)} - {'table', 'splits'}
    if unknown := set(row) - known:
        raise ValueError(f'unknown keys {", ".join(sorted(unknown))}')
    accuracy = {name: tuple(pair) for name, pair in row.get('accuracy', {}).items()}
    networks = {
        name: tuple(Network(**network) for network in several)
        for name, several in row.get('networks', {}).items()
    }
    if unknown := (set(accuracy) | set(networks)) - set(datasets):
        raise ValueError(f'unknown data sets {", ".join(sorted(unknown))}')
    if any(len(pair) != 2 for pair in accuracy.values()):
        raise ValueError('an accuracy is [top-1, top-5]')
    if bool(networks) == ('not_available' in row):
        raise ValueError('it needs either networks or the reason why it is not_available')
    row = {**row, 'accuracy': accuracy, 'networks': networks}
    return Experiment(table=table, splits=splits, **row)
