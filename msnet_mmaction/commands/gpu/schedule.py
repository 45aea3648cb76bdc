"""Parts run one after the other within a time that they share."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .parts import Part, python

#: Seconds that a part has to end by itself once its time is up.
GRACE = 5.0


@dataclass(frozen=True)
class Outcome:
    """What became of a part.

    Attributes:
        part: The part.
        status: ``done``, ``failed``, ``out of time``, or ``left out``.
        seconds: How long it ran.
        limit: How long it might have.
        log: What it printed.
        note: Why it was left out, or the end of what it printed when it failed.
    """

    part: Part
    status: str
    seconds: float = 0.0
    limit: float = 0.0
    log: Path | None = None
    note: str = ''


def run_parts(parts: Sequence[Part], seconds: float, folder: Path) -> Iterator[Outcome]:
    """Run parts in order, each in a process of its own.

    A part may take its share of the time that is left: what one leaves over goes to the next.

    Args:
        parts: What to run.
        seconds: For all of them.
        folder: For the files of what they print.

    Yields:
        What became of each.
    """
    end = time.monotonic() + seconds
    for i, part in enumerate(parts):
        if part.hindrance:
            print(f'[{i + 1}/{len(parts)}] {part.title}: left out, {part.hindrance}', flush=True)
            yield Outcome(part, 'left out', note=part.hindrance)
            continue
        share = part.seconds / sum(p.seconds for p in parts[i:])
        limit = max(0.0, (end - time.monotonic()) * share)
        print(f'[{i + 1}/{len(parts)}] {part.title}, at most {limit:.0f} s ...', flush=True)
        outcome = run_part(part, limit, folder / f'{part.name}.log')
        print(f'    {outcome.status} after {outcome.seconds:.0f} s: {outcome.log}', flush=True)
        yield outcome


def run_part(part: Part, limit: float, log: Path) -> Outcome:
    """Run one part; when its time is up, interrupt it, and end it if it goes on."""
    begin = time.monotonic()
    with log.open('w') as output:
        process = subprocess.Popen(
            python(part),
            cwd=part.cwd,
            env={**os.environ, **part.environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            # A group of its own: what it starts ends with it.
            start_new_session=True,
        )
        try:
            process.wait(limit)
            status = 'failed' if process.returncode else 'done'
        except subprocess.TimeoutExpired:
            status = 'out of time'
        finally:
            _end(process)
    note = ''
    if status == 'failed':
        note = '\n'.join(log.read_text(errors='replace').splitlines()[-15:])
    return Outcome(part, status, time.monotonic() - begin, limit, log, note)


def _end(process: subprocess.Popen) -> None:
    """End a process and what it has started, gently first: pytest then writes its report."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
