"""The command line of ``tools/reproduce.py``."""

import argparse
import sys
from pathlib import Path

from .configs import ROOT
from .experiments import Experiment, Paper, load_paper
from .files import write, write_text
from .lines import Line, report_lines
from .measurements import Counts, configs_of, count, read_counts, write_counts
from .tables import csv_table, markdown, markdown_table, notes

#: The counts of all configs, as the documentation shows them.
COUNTS = ROOT / 'docs' / 'counts.csv'
DOCUMENT = ROOT / 'docs' / 'tables.md'

HEAD = """\
# Every table of the paper

Written by `python tools/reproduce.py --update-docs`; do not edit it by hand. The commands train on one
process; `tools/dist_train.sh CONFIG 8` does so on eight, with the same arguments behind. What a
stopped command has left is resumed.

"""


def parse_args(argv: list[str] | None, description: str) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'names', nargs='*', metavar='TABLE[/ROW]', help='such as table1 or table3/KS; default: all'
    )
    parser.add_argument('--list', action='store_true', help='only list rows and configs')
    parser.add_argument(
        '--counts',
        type=Path,
        metavar='CSV',
        help='take FLOPs and parameters from this file instead of counting; '
        'docs/counts.csv holds those of all configs',
    )
    parser.add_argument(
        '--results',
        type=Path,
        default=Path(),
        help='the folder that holds work_dirs; default: this one',
    )
    parser.add_argument(
        '--out',
        type=Path,
        metavar='FOLDER',
        help='write report.md, report.csv, figure4.png and figure5.png here',
    )
    parser.add_argument(
        '--update-docs',
        action='store_true',
        help='write docs/tables.md, docs/counts.csv and the metafiles of the configs anew',
    )
    return parser.parse_args(argv)


def main(description: str, argv: list[str] | None = None) -> int:
    """Run; what a user can put right is told in one line."""
    args = parse_args(argv, description)
    try:
        run(args, load_paper())
    except (ValueError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    return 0


def run(args: argparse.Namespace, paper: Paper) -> None:
    """Report what was asked for."""
    experiments = paper.select(args.names)
    if args.list:
        print(listing(paper, experiments))
        return
    if args.update_docs:
        update_docs(paper, args.counts)
        return
    lines = list(report_lines(paper, experiments, counts_of(paper, experiments, args), args.results))
    if args.out is None:
        print(text(paper, lines))
        return
    write_text(args.out / 'report.md', markdown(paper, lines))
    write_text(args.out / 'report.csv', csv_table(lines))
    names = ['report.md', 'report.csv', *draw(lines, args.out)]
    print('\n'.join(f'written to {args.out / name}' for name in names))


def counts_of(paper: Paper, experiments: list[Experiment], args: argparse.Namespace) -> Counts:
    """Counts of the experiments and of what they are compared with."""
    baselines = [b for b in map(paper.baseline, experiments) if b is not None]
    configs = configs_of([*experiments, *baselines])
    if args.counts is None:
        return count(configs)
    counts = read_counts(args.counts)
    if missing := [config for config in configs if config not in counts]:
        raise ValueError(f'{args.counts} lacks {", ".join(missing)}: leave --counts out')
    return counts


def listing(paper: Paper, experiments: list[Experiment]) -> str:
    """Rows and configs."""
    lines = []
    for experiment in experiments:
        lines.append(experiment.name)
        if experiment.not_available:
            lines.append(f'    not available: {experiment.not_available}')
        for dataset, networks in experiment.networks.items():
            configs = ' + '.join(network.tested for network in networks)
            lines.append(f'    {paper.datasets[dataset]}: {configs}')
    return '\n'.join(lines)


def text(paper: Paper, lines: list[Line]) -> str:
    """For a terminal: tables and notes, and the commands if it is a single row."""
    return markdown(paper, lines)


def draw(lines: list[Line], folder: Path) -> list[str]:
    """Draw the figures whose lines are there; returns the names of the files."""
    from .figures import FIGURES

    names = []
    for table, plot in FIGURES.items():
        chosen = [line for line in lines if line.experiment.table == table]
        if chosen:
            names.append(f'{table}.png')
            write(folder / names[-1], lambda part, c=chosen, p=plot: p(c, part))
    return names


def update_docs(paper: Paper, counts_file: Path | None) -> None:
    """Write everything in the repository that is made of the published figures and the counts."""
    experiments = list(paper.experiments.values())
    counts = count(configs_of(experiments)) if counts_file is None else read_counts(counts_file)
    lines = list(report_lines(paper, experiments, counts))
    write_text(COUNTS, write_counts(counts))
    write_text(DOCUMENT, HEAD + markdown(paper, lines, link='../'))
    draw(lines, ROOT / 'docs' / 'images')
