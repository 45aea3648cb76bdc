"""A report as Markdown and as CSV."""

import csv
import io
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from .commands import commands
from .configs import ROOT
from .experiments import Paper
from .lines import TOLERANCE, Line

LEGEND = f"""\
**Published** figures are those of the paper (Kwon et al., ECCV 2020), but for those marked †, whose
source is given below the table; none was measured here.
**Counted** are 10⁹ multiply-adds of one clip and 10⁶ parameters of the networks that the configs
build, head included, by MMEngine's counter; "+" is what a row adds to its baseline. Counting
differs a little between tools, and the paper's own figures differ between its tables (the same
network has 14.9 G in Table 3 and 15.0 G in Table 8), so compare what a row adds. Where that differs
by more than {TOLERANCE} G, the row is marked * and the reason is given below the table. Flow that
is made outside the networks is not counted. **Measured** accuracies are of results in `work_dirs`,
top-1 / top-5 in per cent. On HMDB-51 they are means over its three splits, the data set's protocol
(the paper does not say which splits its figures are of); where splits lack results, those that
count are named.
"""


def _number(value: float | None, digits: int = 1) -> str:
    return '' if value is None else f'{value:.{digits}f}'


def _pair(top1: float | None, top5: float | None) -> str:
    if top1 is None:
        return ''
    return _number(top1) if top5 is None else f'{top1:.1f} / {top5:.1f}'


def _published_accuracy(line: Line) -> str:
    experiment = line.experiment
    if experiment.gain is not None and not experiment.accuracy:
        return f'baseline + {experiment.gain:.1f}'
    if experiment.gain_above is not None:
        return f'> baseline + {experiment.gain_above:.1f}'
    mark = '†' if experiment.source and any(line.published_accuracy) else ''
    return _pair(*line.published_accuracy) + mark


def _measured(line: Line) -> str:
    accuracy = line.accuracy
    if accuracy is None:
        return ''
    notes = [] if accuracy.source == 'test' else [accuracy.source]
    splits = len(line.experiment.networks_by_split(line.dataset))
    if len(accuracy.splits) < splits:
        there = ', '.join(map(str, accuracy.splits))
        notes.append(f'{len(accuracy.splits)} of {splits} splits: {there}')
    elif splits > 1:
        notes.append(f'mean of {splits} splits')
    return _pair(accuracy.top1, accuracy.top5) + (f' ({", ".join(notes)})' if notes else '')


def _configs(line: Line, link: str) -> str:
    if not line.networks:
        return 'not available' if line.experiment.not_available else ''
    return ' + '.join(
        f'[{Path(n.tested).stem}]({link}{n.tested})' if link else n.tested for n in line.networks
    )


def _columns(link: str) -> dict[str, Callable[[Line], str]]:
    def flops(line: Line) -> str:
        published, of = line.experiment.flops, line.experiment.flops_of
        return '' if published is None else f'{published:g}' + (f' ({of})' if of else '')

    return {
        'row': lambda line: line.experiment.row,
        'data': lambda line: line.dataset or '',
        'frames': lambda line: (
            (line.experiment.frames or '') + (', flow' if line.experiment.flow else '')
        ),
        'clips': lambda line: str(line.experiment.clips or ''),
        'published G': flops,
        'counted G': lambda line: _number(line.cost and line.cost.flops, 2),
        'published +G': lambda line: _number(line.published_added),
        'counted +G': lambda line: (
            _number(line.added and line.added.flops, 2) + ('*' if line.differs else '')
        ),
        'published M': lambda line: _number(line.experiment.params),
        'counted M': lambda line: _number(line.cost and line.cost.params, 2),
        'counted +M': lambda line: _number(line.added and line.added.params, 3),
        'published videos/s': lambda line: _number(line.experiment.speed),
        'published top-1 / 5': _published_accuracy,
        'measured': _measured,
        'config': lambda line: _configs(line, link),
    }


def markdown_table(lines: Iterable[Line], link: str = '') -> str:
    """Lines as a table, without the columns that are empty.

    Args:
        lines: The lines.
        link: Path from the document to the repository, for links to configs.
    """
    cells = {name: [read(line) for line in lines] for name, read in _columns(link).items()}
    cells = {name: column for name, column in cells.items() if any(column)}
    rows = [list(cells), ['---'] * len(cells), *zip(*cells.values(), strict=True)]
    return ''.join(f'| {" | ".join(row)} |\n' for row in rows)


def notes(lines: Iterable[Line]) -> list[str]:
    """Notes on the experiments of the lines, each once."""
    found = []
    for line in lines:
        experiment = line.experiment
        texts = [experiment.not_available and f'not available: {experiment.not_available}']
        texts.append(experiment.source and f'† {experiment.source}')
        texts.append(experiment.note)
        if line.differs:
            texts.append(f'* {experiment.why or "reason unknown"}')
        text = '. '.join(text for text in texts if text)
        if text:
            found.append(f'{experiment.row}: {text}.')
    return list(dict.fromkeys(found))


def markdown(paper: Paper, lines: list[Line], link: str = '', root: Path = ROOT) -> str:
    """A whole report: a table, the notes and the commands of each table of the paper."""
    parts = [LEGEND]
    for table, group in groupby(lines, key=lambda line: line.experiment.table):
        rows = list(group)
        parts.append(f'## {paper.titles[table]}\n')
        parts.append(markdown_table(rows, link))
        if remarks := notes(rows):
            parts.append(''.join(f'- {remark}\n' for remark in remarks))
        ran = [command for line in rows for command in _commands(line, root)]
        if ran:
            parts.append('```\n' + ''.join(f'{c}\n' for c in dict.fromkeys(ran)) + '```\n')
    return '\n'.join(parts)


def _commands(line: Line, root: Path) -> list[str]:
    if line.dataset is None:
        return []
    return commands(line.experiment, line.dataset, root=root)


def csv_table(lines: Iterable[Line], root: Path = ROOT) -> str:
    """Lines as CSV, with plain numbers and all commands."""
    rows = [_csv_row(line, root) for line in lines]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator='\n')
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _csv_row(line: Line, root: Path) -> dict[str, object]:
    experiment, accuracy = line.experiment, line.accuracy
    splits = experiment.networks_by_split(line.dataset)
    top1, top5 = line.published_accuracy
    return {
        'table': experiment.table,
        'row': experiment.row,
        'dataset': line.dataset,
        'frames': experiment.frames,
        'flow': experiment.flow,
        'clips': experiment.clips,
        'published_gflops': experiment.flops,
        'counted_gflops': line.cost and line.cost.flops,
        'published_added_gflops': line.published_added and round(line.published_added, 6),
        'counted_added_gflops': line.added and line.added.flops,
        'published_mparams': experiment.params,
        'counted_mparams': line.cost and line.cost.params,
        'counted_added_mparams': line.added and line.added.params,
        'published_videos_per_s': experiment.speed,
        'published_top1': top1,
        'published_top5': top5,
        'published_gain': experiment.gain,
        'measured_top1': accuracy and accuracy.top1,
        'measured_top5': accuracy and accuracy.top5,
        'measured_on': accuracy and accuracy.source,
        'measured_splits': accuracy and ' '.join(map(str, accuracy.splits)),
        'splits': len(splits) or None,
        'configs': ' '.join(n.config for n in line.networks),
        'commands': ' && '.join(_commands(line, root)),
        'notes': ' '.join(notes([line])),
    }
