"""Files that are complete or not there at all."""

import os
from collections.abc import Callable
from pathlib import Path


def write(path: Path, save: Callable[[Path], object]) -> None:
    """Have a file written beside its place, then put it there.

    Args:
        path: The file; its folder is made.
        save: Writes what belongs there to the path that it is given.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays at the end: what saves pictures chooses the format by it.
    part = path.with_name(f'.{path.stem}.{os.getpid()}.part{path.suffix}')
    try:
        save(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file, UTF-8."""
    write(path, lambda part: part.write_text(text, encoding='utf-8'))
