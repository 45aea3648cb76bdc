"""Atomic writes of files."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """Write a file so that it is complete or does not change.

    Args:
        path: The file; its folder must exist.

    Yields:
        A temporary path in the same folder, with the same suffix, to write to. It is renamed to
        ``path`` at the end of the block, and removed if the block raises an error.
    """
    path = Path(path)
    part = path.with_name(f'.{path.stem}.{os.getpid()}{path.suffix}')
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def atomic_write_bytes(path: str | os.PathLike, content: bytes) -> None:
    """Write bytes to a file by :func:`atomic_write`."""
    with atomic_write(path) as part:
        part.write_bytes(content)
