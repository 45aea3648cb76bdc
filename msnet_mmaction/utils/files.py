"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """A file that appears only once it is complete.

    Args:
        path: The file; its folder must exist.

    Yields:
        Where to write: a file beside it, with its suffix. It takes the name of ``path`` when the
        block is left, and is removed when that happens by an error.
    """
    path = Path(path)
    part = path.with_name(f'.{path.stem}.{os.getpid()}{path.suffix}')
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def atomic_write_bytes(path: str | os.PathLike, content: bytes) -> None:
    """Write a :func:`atomic_write` of this content."""
    with atomic_write(path) as part:
        part.write_bytes(content)
