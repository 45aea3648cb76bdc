"""Checking many files in parallel; a journal avoids checking a file again."""

import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mmengine.utils import ProgressBar

from .checks import Check, fingerprint


def check_all(
    files: Mapping[str, Path],
    check: Callable[[Path], Check],
    journal: Path,
    workers: int,
) -> dict[str, Check]:
    """Check files, except those that an earlier run has checked and that have not changed.

    It uses threads, because decoders release Python's global lock.

    Args:
        files: Name -> path of each file.
        check: The check of a file.
        journal: File with one json line for each check, written after the check.
        workers: Number of threads.

    Returns:
        Result of each check, by name.
    """
    known = _read(journal)

    def check_one(name: str) -> tuple[str, list]:
        try:
            mark = fingerprint(files[name])
            old = known.get(name)
            if old is not None and old[0] == mark:
                return name, old
            return name, [mark, *check(files[name])]
        except OSError as error:
            # Not written to the journal: the disk may be at fault, and the next run may succeed.
            return name, [None, 0, f'it cannot be read: {error.strerror or error}']

    found = {}
    pool = ThreadPoolExecutor(workers)
    progress = ProgressBar(len(files)) if files else None
    try:
        with journal.open('a', encoding='utf-8') as file:
            for name, record in pool.map(check_one, files):
                if record != known.get(name) and record[0] is not None:
                    file.write(json.dumps([name, *record]) + '\n')
                    file.flush()
                found[name] = Check(*record[1:])
                if progress is not None:
                    progress.update()
    finally:
        pool.shutdown(cancel_futures=True)
        print()
    return found


def _read(journal: Path) -> dict[str, list]:
    """Name -> mark, frames, fault; the last line of an interrupted run may be half a one."""
    if not journal.exists():
        return {}
    known = {}
    content = journal.read_text(encoding='utf-8')
    for line in content.splitlines():
        try:
            name, *record = json.loads(line)
        except ValueError:
            continue
        known[name] = record
    if content and not content.endswith('\n'):
        with journal.open('a', encoding='utf-8') as file:
            file.write(os.linesep)
    return known
