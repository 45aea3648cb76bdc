"""Checkpoints on a disk: written whole or not at all, and found again."""

import contextlib
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from mmengine.fileio import LocalBackend, register_backend

from ..checkpoints import CheckpointError, check_checkpoint_file
from ..utils.files import atomic_write

#: The name of :class:`WholeFileBackend` for MMEngine's ``backend_args``.
WHOLE_FILES = 'whole_files'


class WholeFileBackend(LocalBackend):
    """MMEngine's files on a disk; what it writes appears only once it is complete.

    ``backend_args=dict(backend='whole_files')`` asks for it.
    """

    def __init__(self) -> None:
        self._outdated: list[str | os.PathLike] | None = None

    def put(self, obj: bytes, filepath: str | os.PathLike) -> None:
        """Write a file, and have it on the disk, before it takes its name.

        Raises:
            OSError: If it can't be written; it names the file and what to do.
        """
        path = Path(filepath)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(path) as part, open(part, 'wb') as file:
                file.write(obj)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OSError(
                error.errno,
                f'{path} could not be written ({error.strerror}). What was saved before is whole: '
                'make room, or make the folder writable, and go on with --resume',
            ) from error

    def remove(self, filepath: str | os.PathLike) -> None:
        """Remove a file: at once, or at the end of :meth:`removing_at_end`."""
        if self._outdated is None:
            super().remove(filepath)
        else:
            self._outdated.append(filepath)

    @contextmanager
    def removing_at_end(self) -> Iterator[None]:
        """Remove what is to be removed in the block when it is left, and nothing after an error.

        MMEngine's ``CheckpointHook`` removes the outdated checkpoint before it writes the next.
        """
        self._outdated = []
        try:
            yield
            outdated = self._outdated
        finally:
            self._outdated = None
        for path in outdated:
            # It may have been written again in the block's course.
            with contextlib.suppress(FileNotFoundError):
                super().remove(path)


register_backend(WHOLE_FILES, WholeFileBackend, force=True)


def latest_whole_checkpoint(work_dir: str | os.PathLike) -> tuple[Path | None, list[str]]:
    """Find what a run in a folder can go on from.

    MMEngine's file ``last_checkpoint`` names the latest; where that one is damaged or gone, the
    newest of those beside it that is whole is taken.

    Args:
        work_dir: The work directory.

    Returns:
        The checkpoint, None if there is none; what is wrong with those that were passed over.
    """
    work_dir = Path(work_dir)
    named = named_latest(work_dir)
    others = sorted(
        (path for path in work_dir.glob('*.pth') if not path.is_symlink()),
        key=lambda path: path.stat().st_mtime_ns,
        reverse=True,
    )
    candidates = [Path(named)] if named else []
    # Those of the best epoch are nothing to resume; hidden ones were not finished.
    candidates += [path for path in others if not path.name.startswith(('best_', '.'))]
    faults: list[str] = []
    for path in dict.fromkeys(candidates):
        fault = _fault(path, named=str(path) == named)
        if fault is None:
            return path, faults
        faults.append(f'{path}: {fault}')
    return None, faults


def remove_unfinished(folder: str | os.PathLike) -> None:
    """Remove what :meth:`WholeFileBackend.put` had begun to write when its process was killed."""
    for path in Path(folder).glob('.*.pth'):
        if re.fullmatch(r'\..+\.\d+\.pth', path.name):
            path.unlink(missing_ok=True)


def named_latest(work_dir: str | os.PathLike) -> str:
    """What MMEngine's note in a work directory names, '' if there is none."""
    note = Path(work_dir, 'last_checkpoint')
    return note.read_text(encoding='utf-8').strip() if note.is_file() else ''


def _fault(path: Path, named: bool) -> str | None:
    """What is wrong with a checkpoint to resume from; one that was not named must look like one."""
    try:
        check_checkpoint_file(path)
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                damaged = archive.testzip()
            if damaged is not None:
                return f'{damaged} in it is damaged'
        # As MMEngine loads it next, so that what it refuses is refused here; without reading it
        # all again.
        mmap = zipfile.is_zipfile(path)
        checkpoint = torch.load(path, map_location='cpu', mmap=mmap)
    except CheckpointError as error:
        return str(error).removeprefix(f'{path}: ')
    except Exception as error:  # whatever torch runs into in a damaged file
        return f'{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}'
    if not named and not (
        isinstance(checkpoint, dict) and {'meta', 'optimizer'} <= checkpoint.keys()
    ):
        return 'it holds weights alone'
    return None
