"""The files of the page: uploads and films, all in one folder that is gone when the page is."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType


class PageFiles:
    """A temporary folder, and what each visitor has in it.

    Used as a context: the folder is removed at the end, with all that is in it.

    Attributes:
        folder: The folder.
    """

    def __init__(self) -> None:
        self._temporary = tempfile.TemporaryDirectory(
            prefix='msnet_mmaction_app_', ignore_cleanup_errors=True
        )
        # Where a temporary folder is a link, files are compared by where they are.
        self.folder = Path(self._temporary.name).resolve()
        self._of_visitor: dict[str, set[Path]] = {}

    def __enter__(self) -> 'PageFiles':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._temporary.cleanup()

    def new_film(self, visitor: str) -> Path:
        """A path for a film, in a folder of its own."""
        path = Path(tempfile.mkdtemp(dir=self.folder)) / 'motion.mp4'
        self.keep(visitor, path)
        return path

    def keep(self, visitor: str, path: Path) -> None:
        """Remember that a file is a visitor's."""
        self._of_visitor.setdefault(visitor, set()).add(path)

    def remove_all_of(self, visitor: str) -> None:
        """Remove the files of a visitor."""
        for path in self._of_visitor.pop(visitor, set()):
            self.remove(path)

    def remove_all_of_but(self, visitor: str, kept: Path) -> None:
        """Remove the files of a visitor, but one."""
        self._of_visitor.setdefault(visitor, set()).discard(kept)
        self.remove_all_of(visitor)
        self.keep(visitor, kept)

    def remove(self, path: Path) -> None:
        """Remove a file, and the folder that was made for it; nothing outside the folder."""
        path = path.resolve()
        if self.folder not in path.parents:
            return
        path.unlink(missing_ok=True)
        if path.parent != self.folder and path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()

    def remove_older_than(self, seconds: float) -> None:
        """Remove what was written so long ago, whoever's it is."""
        latest = time.time() - seconds
        for path in list(self.folder.rglob('*')):
            # Another thread may remove it meanwhile.
            try:
                if path.is_file() and path.stat().st_mtime < latest:
                    self.remove(path)
            except OSError:
                continue


@contextmanager
def ended_by_exceptions() -> Iterator[None]:
    """While it lasts, SIGTERM and the closing of the terminal end Python as an exception does.

    Without it they end it at once, and temporary files stay.
    """

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    signals = [signal.SIGTERM] + ([signal.SIGHUP] if os.name == 'posix' else [])
    before = {number: signal.signal(number, end) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
