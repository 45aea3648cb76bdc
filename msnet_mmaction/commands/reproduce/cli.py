"""Every table and figure of the paper: published figures beside measured ones.

List all rows with their configs, or the figures of some of them::

    python -m msnet_mmaction reproduce --list
    python -m msnet_mmaction reproduce table3 'table1/MSNet-R50, 8 frames'

Count the FLOPs and parameters of every row, read the accuracies in ``work_dirs``, and write
Markdown, CSV and the plots of Figures 4 and 5::

    python -m msnet_mmaction reproduce --out report
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from ...utils.files import atomic_write_bytes
from .commands import commands, split_command
from .configs import ROOT, in_wheel, results_folder
from .experiments import Experiment, Paper, load_paper
from .figures import FIGURES
from .lines import Line, report_lines
from .measurements import Counts, configs_of, count, read_counts, write_counts
from .openmmlab import index, metafiles
from .tables import csv_table, markdown

USER_ERRORS = (ValueError, OSError)

#: The counts of all configs for the documentation.
COUNTS = ROOT / 'docs' / 'counts.csv'

HEAD = """\
# Every table of the paper

Written by `python tools/reproduce.py --update-docs`; do not edit it by hand. The commands train on
one process; `tools/dist_train.sh CONFIG 8` and `tools/dist_test.sh CONFIG CHECKPOINT 8` do the same
on eight, with the same arguments behind. The learning rate of the configs is that of eight;
`--auto-scale-lr` scales it to the number of processes. `HMDB51_SPLIT` is the split of HMDB-51.
`python tools/reproduce.py --run table3/KS --processes 8` runs all commands of a row, on every split
of HMDB-51, and goes on where it was stopped. Rows that are not available are systems of others that
the paper compares with.

![Top-1 as published and FLOPs as counted, over the patch size](images/figure4.png)
![Published gains and counted FLOPs on four backbones](images/figure5.png)

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        'names', nargs='*', metavar='TABLE[/ROW]', help='such as table1 or table3/KS; default: all'
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument('--list', action='store_true', help='only list rows and configs')
    what.add_argument(
        '--run', action='store_true', help='train and test the rows, with their commands'
    )
    what.add_argument(
        '--out',
        type=Path,
        metavar='FOLDER',
        help='write report.md, report.csv, figure4.png and figure5.png here',
    )
    what.add_argument(
        '--update-docs',
        action='store_true',
        help='write docs/tables.md, docs/counts.csv, the figures and the metafiles anew',
    )
    parser.add_argument(
        '--counts',
        type=Path,
        metavar='CSV',
        help='take FLOPs and parameters from this file instead of counting them; '
        'docs/counts.csv holds those of all configs',
    )
    parser.add_argument(
        '--results',
        type=Path,
        default=results_folder(),
        metavar='FOLDER',
        help='what holds work_dirs; default: the repository, or the current folder without one',
    )
    parser.add_argument('--processes', type=int, default=1, help='of --run; default: %(default)s')


def run(args: argparse.Namespace) -> int | None:
    """List, run or report.

    Returns:
        The exit status of a command of ``--run`` that failed.
    """
    paper = load_paper()
    experiments = paper.select(args.names)
    if args.list:
        print(listing(paper, experiments))
    elif args.run:
        if not args.names:
            raise ValueError('--run needs the names of rows or tables')
        return run_commands(experiments, args.processes)
    elif args.update_docs:
        if args.names:
            raise ValueError('--update-docs writes all tables: leave the names out')
        if in_wheel():
            raise ValueError('--update-docs writes into the repository: run it from a clone')
        counts = counts_of(paper, experiments, args.counts)
        # First, as it is what took the time.
        save(COUNTS, write_counts(counts).encode())
        for path, content in documents(paper, counts).items():
            save(path, content)
    else:
        counts = counts_of(paper, experiments, args.counts)
        lines = list(report_lines(paper, experiments, counts, args.results))
        if args.out is None:
            print(markdown(paper, lines))
            return None
        save(args.out / 'report.md', markdown(paper, lines).encode())
        save(args.out / 'report.csv', csv_table(lines).encode())
        for name, picture in figures(lines).items():
            save(args.out / name, picture)
    return None


def save(path: Path, content: bytes) -> None:
    """Write a file, and print its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write_bytes(path, content)
    print(f'written: {path}')


def counts_of(paper: Paper, experiments: list[Experiment], file: Path | None) -> Counts:
    """Counts of the experiments and of their baselines."""
    baselines = [b for b in map(paper.baseline, experiments) if b is not None]
    configs = configs_of([*experiments, *baselines])
    if file is None:
        return count(configs)
    counts = read_counts(file)
    if missing := [config for config in configs if config not in counts]:
        raise ValueError(f'{file} lacks {", ".join(missing)}: leave --counts out')
    return {config: counts[config] for config in configs}


def listing(paper: Paper, experiments: list[Experiment]) -> str:
    """Rows and configs."""
    lines = []
    for experiment in experiments:
        lines.append(experiment.name)
        if experiment.not_available:
            lines.append(f'    not available: {experiment.not_available}')
        for dataset, networks in experiment.networks.items():
            splits = experiment.splits.get(dataset, 1)
            name = paper.datasets[dataset] + (f', {splits} splits' if splits > 1 else '')
            lines.append(f'    {name}: {" + ".join(network.tested for network in networks)}')
    return '\n'.join(lines)


def run_commands(experiments: list[Experiment], processes: int) -> int:
    """Train and test, one command after the other, each once.

    Returns:
        0, or the exit status of the command that failed.
    """
    lines = [
        line
        for experiment in experiments
        for dataset in experiment.networks
        for line in commands(experiment, dataset, processes, resume=True, results=results_folder())
    ]
    lines = list(dict.fromkeys(lines))
    if not lines:
        raise ValueError('not available: ' + '; '.join(e.name for e in experiments))
    for number, line in enumerate(lines, 1):
        print(f'[{number}/{len(lines)}] {line}', flush=True)
        environment, words = split_command(line)
        words = [str(ROOT / w) if w.startswith(('configs/', 'tools/')) else w for w in words]
        command = [sys.executable if words[0] == 'python' else words[0], *words[1:]]
        environment = {**os.environ, **environment}
        try:
            subprocess.run(command, cwd=results_folder(), env=environment, check=True)
        except subprocess.CalledProcessError as error:
            print(f'error: {line} failed; the same command goes on', file=sys.stderr)
            return error.returncode
    return 0


def figures(lines: list[Line]) -> dict[str, bytes]:
    """The figures whose lines are given, by the names of their files."""
    chosen = {
        table: [line for line in lines if line.experiment.table == table] for table in FIGURES
    }
    # A single row makes no figure.
    return {f'{table}.png': FIGURES[table](rows) for table, rows in chosen.items() if len(rows) > 1}


def documents(paper: Paper, counts: Counts) -> dict[Path, bytes]:
    """The other files of the repository that are made of the published figures and the counts."""
    lines = list(report_lines(paper, paper.experiments.values(), counts))
    models = metafiles(paper, counts)
    texts = {
        ROOT / 'docs' / 'tables.md': HEAD + markdown(paper, lines, link='../'),
        ROOT / 'model-index.yml': index(models),
        **{ROOT / path: text for path, text in models.items()},
    }
    pictures = {
        ROOT / 'docs' / 'images' / name: picture for name, picture in figures(lines).items()
    }
    return {**{path: text.encode() for path, text in texts.items()}, **pictures}
