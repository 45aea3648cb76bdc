"""The report of a run: Markdown to read, JSON to compare."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ...utils.files import atomic_write_bytes
from .aims import aims
from .findings import findings_of
from .schedule import Outcome

REHEARSAL = (
    'A REHEARSAL ON A CPU, at tiny sizes: the figures below say nothing about any GPU, nor about '
    'this CPU.'
)


def write_report(
    folder: Path,
    machine: Mapping[str, object],
    outcomes: Sequence[Outcome],
    date: str,
    rehearsal: bool,
) -> None:
    """Write ``report.json`` and ``report.md`` of what has run so far.

    Args:
        folder: Where to.
        machine: What :func:`..benchmark.machine.describe_machine` tells.
        outcomes: What became of the parts.
        date: When the run began.
        rehearsal: Whether there was no GPU.
    """
    content = {
        'date': date,
        'rehearsal': rehearsal,
        'machine': dict(machine),
        'parts': [
            {
                'name': outcome.part.name,
                'title': outcome.part.title,
                'status': outcome.status,
                'seconds': round(outcome.seconds, 1),
                'limit': round(outcome.limit, 1),
                'left_out': list(outcome.part.left_out),
                'note': outcome.note,
                'findings': findings_of(outcome.part),
            }
            for outcome in outcomes
        ],
    }
    atomic_write_bytes(folder / 'report.json', (json.dumps(content, indent=1) + '\n').encode())
    atomic_write_bytes(folder / 'report.md', markdown(content).encode())


def markdown(content: Mapping) -> str:
    """The report as Markdown.

    Args:
        content: That of ``report.json``.
    """
    machine, parts = content['machine'], content['parts']
    lines = [f'# msnet_mmaction on {machine.get("gpu") or machine["processor"]}', '']
    if content['rehearsal']:
        lines += [f'**{REHEARSAL}**', '']
    lines += table(['', ''], [['date', content['date']], *machine.items()])
    lines += ['', '## Parts', '']
    rows = [[p['title'], p['status'], f'{p["seconds"]:.0f}', f'{p["limit"]:.0f}'] for p in parts]
    lines += table(['part', 'what became of it', 's', 'of'], rows)
    if not content['rehearsal'] and (reached := aims(parts)):
        lines += ['', '## Aims', '', *table(['aim', 'measured', 'reached'], reached)]
    for part in parts:
        lines += ['', f'## {part["title"]}', '', *section(part)]
    return '\n'.join(lines) + '\n'


def section(part: Mapping) -> list[str]:
    """The lines of a part."""
    lines = []
    if part['status'] != 'done':
        reason = f': {part["note"]}' if part['status'] == 'left out' else ''
        lines += [f'**{part["status"]}**{reason}', '']
    for line in part['left_out']:
        lines += [f'Left out: {line}.', '']
    findings = part['findings']
    if part['status'] == 'failed':
        lines += ['```', part['note'], '```', '']
    if findings is None:
        return [*lines, 'It left no results.'] if part['status'] != 'left out' else lines
    if isinstance(findings, list):
        # What every result lacks is no column.
        names = [n for n in findings[0] if any(f[n] is not None for f in findings)]
        return [*lines, *table(names, [[f[n] for n in names] for f in findings])]
    return [*lines, *table(['', ''], findings.items())]


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a table of Markdown."""
    lines = [header, ['---'] * len(header), *rows]
    return ['| ' + ' | '.join(_cell(value) for value in line) + ' |' for line in lines]


def _cell(value: object) -> str:
    if value is None:
        return ''
    if isinstance(value, float):
        return f'{value:.3g}' if abs(value) < 100 else f'{value:.0f}'
    # A bar would end the cell.
    return ' '.join(str(value).replace('|', '/').split())
