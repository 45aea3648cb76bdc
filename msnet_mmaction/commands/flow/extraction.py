"""TV-L1 flow of all videos of a list, for mmaction2's ``RawframeDataset(modality='Flow')``.

:func:`extract_flow` writes to its folder::

    flow.json                   settings of the flow
    <video>/flow_x_00001.jpg    x of the flow from the first frame to the second one, quantised
    <video>/flow_y_00001.jpg    y of this flow
    <video>.part/               a video that is not complete

and a list of the folders, the numbers of flows and the labels. The folder of a video is renamed
from ``.part`` when all of its flows are written. Several runs may share a folder; each video is
computed by one of them.
"""

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import cv2
from mmengine.utils import ProgressBar

from ...datasets.errors import DataError
from ...datasets.optical_flow import BOUND, TVL1, quantize_flow
from ...utils.files import atomic_write_bytes
from ...utils.processes import map_in_processes
from .sources import Entry, FlowSource

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

#: ``filename_tmpl`` for mmaction2's ``RawframeDataset``.
FLOW_TEMPLATE = 'flow_{}_{:05}.jpg'


def extract_flow(
    ann_file: str | os.PathLike,
    data_root: str | os.PathLike,
    flow_root: str | os.PathLike,
    flow_ann_file: str | os.PathLike,
    source: FlowSource,
    fps: float | None = None,
    bound: float = BOUND,
    workers: int = 2,
) -> dict[str, str]:
    """Compute the flow of the videos of a list, except of videos whose flow is in the folder.

    Args:
        ann_file: The list of videos or of folders of frames.
        data_root: Folder that its paths are relative to.
        flow_root: Folder for the flow. Several lists may share one.
        flow_ann_file: The list to write, of the videos that could be read.
        source: The kind of list.
        fps: Number of frames a second between which flow is computed (Table 6, "low"); None takes
            all frames.
        bound: Largest displacement in pixels; longer ones are clipped.
        workers: Number of processes, of one thread each.

    Returns:
        Error of each video that could not be read, by its path. They are not in the new list.

    Raises:
        DataError: If the list cannot be used, or if the folder has flow of other settings.
        RuntimeError: If a process dies.
    """
    data_root, flow_root = Path(data_root), Path(flow_root)
    ann_file, flow_ann_file = Path(ann_file), Path(flow_ann_file)
    entries = read_entries(ann_file, data_root, source)
    if flow_ann_file.resolve() == ann_file.resolve():
        raise DataError(f'the list of flow would replace {ann_file}: give it another name')
    TVL1()  # raises here, not in every process
    _claim(flow_root, {'algorithm': 'TV-L1', 'bound': bound, 'fps': fps, 'source': repr(source)})
    flow_ann_file.parent.mkdir(parents=True, exist_ok=True)

    folders = {entry.path: flow_root / flow_folder(entry) for entry in entries}
    todo = [entry for entry in entries if not folders[entry.path].exists()]
    print(f'TV-L1 flow of {len(todo)} videos; {len(entries) - len(todo)} are done:')
    failures = {}
    progress = ProgressBar(len(todo))
    extract = partial(
        _extract_one, data_root=data_root, folders=folders, source=source, fps=fps, bound=bound
    )
    try:
        for entry, failure in zip(todo, map_in_processes(extract, todo, workers), strict=True):
            if failure:
                failures[entry.path] = failure
            progress.update()
    except BrokenProcessPool as error:
        suspects = [entry.path for entry in todo if _part(folders[entry.path]).exists()]
        raise RuntimeError(
            'a process died, perhaps of a broken video or of too little memory, while these were '
            f'worked on: {", ".join(suspects) or "(none yet)"}. What is done is kept: run it '
            'again, without the one that is to blame'
        ) from error
    print()

    lines = [
        f'{flow_folder(entry)} {_num_flows(folders[entry.path])} {" ".join(entry.labels)}'
        for entry in entries
        if entry.path not in failures
    ]
    atomic_write_bytes(flow_ann_file, ''.join(f'{line}\n' for line in lines).encode())
    return failures


def read_entries(ann_file: Path, data_root: Path, source: FlowSource) -> list[Entry]:
    """Read a list.

    Args:
        ann_file: The list.
        data_root: Folder that its paths are relative to.
        source: The kind of list.

    Raises:
        DataError: If there is no such list, a line has another format, two lines have the same
            folder of flow, or none of the videos exists.
    """
    if not ann_file.is_file():
        raise DataError(f'the list {ann_file} does not exist')
    entries: list[Entry] = []
    lines_of: dict[Path, int] = {}
    for number, line in enumerate(ann_file.read_text(encoding='utf-8').splitlines(), start=1):
        if not line.strip():
            continue
        where = f'{ann_file}, line {number}'
        try:
            entry = source.parse(line.split())
        except ValueError as error:
            raise DataError(f"{where} is not '{source.line_format}': {line!r} ({error})") from error
        folder = flow_folder(entry)
        if folder.is_absolute() or '..' in folder.parts:
            raise DataError(
                f'{where}: {entry.path} must lie below {data_root}: flow gets the same path below '
                'its own folder'
            )
        if folder in lines_of:
            raise DataError(
                f'{where}: its flow would share the folder {folder} with line {lines_of[folder]}'
            )
        lines_of[folder] = number
        entries.append(entry)
    if not entries:
        raise DataError(f'the list {ann_file} is empty: there is nothing to read')
    if not any((data_root / entry.path).exists() for entry in entries):
        raise DataError(
            f'nothing that {ann_file} names exists, the first is {data_root / entries[0].path}'
        )
    return entries


def flow_folder(entry: Entry) -> Path:
    """Folder of a video's flow below that of all flow: the path of the video without suffix."""
    path = Path(entry.path)
    # A folder of frames may have a dot in its name.
    return path.with_suffix('') if entry.num_frames is None else path


def _extract_one(
    entry: Entry,
    data_root: Path,
    folders: dict[str, Path],
    source: FlowSource,
    fps: float | None,
    bound: float,
) -> str | None:
    """Write the flow of a video; return the error, or None."""
    folder = folders[entry.path]
    with _locked(_part(folder)) as part:
        if folder.exists():  # another run was faster
            part.rmdir()
            return None
        for left in part.iterdir():
            left.unlink()
        try:
            frames = source.frames(data_root, entry, fps)
            flow_of = TVL1()
            for index, pair in enumerate(pairwise(frames), start=1):
                quantized = quantize_flow(flow_of(*pair), bound)
                for axis, name in enumerate('xy'):
                    _, jpg = cv2.imencode('.jpg', quantized[..., axis])
                    (part / FLOW_TEMPLATE.format(name, index)).write_bytes(jpg.tobytes())
        except OSError:
            raise  # such as a full disk; errors of the video are of other types
        except Exception as error:
            shutil.rmtree(part)
            return f'{type(error).__name__}: {" ".join(str(error).split())[:300]}'
        os.replace(part, folder)
    return None


@contextmanager
def _locked(part: Path) -> Iterator[Path]:
    """Make a folder, and wait until no other process works in it.

    The system releases the lock at the end of a process, also if it is killed.
    """
    while True:
        part.mkdir(parents=True, exist_ok=True)
        if fcntl is None:  # Windows
            yield part
            return
        try:
            descriptor = os.open(part, os.O_RDONLY)
        except FileNotFoundError:  # the other one has just finished it
            continue
        try:
            # Disks without locks (some network disks) are for one run at a time.
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            # The other one may have finished it, and a third one made a new folder.
            if part.exists() and part.stat().st_ino == os.fstat(descriptor).st_ino:
                yield part
                return
        finally:
            os.close(descriptor)


def _claim(flow_root: Path, settings: dict) -> None:
    """Note how the flow of a folder is computed; raise if it was computed otherwise."""
    path = flow_root / 'flow.json'
    if path.exists():
        found = json.loads(path.read_text())
        if found != settings:
            raise DataError(
                f'{flow_root} holds flow computed with {found}, not with {settings}: choose '
                'another folder, or remove it'
            )
        return
    flow_root.mkdir(parents=True, exist_ok=True)
    atomic_write_bytes(path, json.dumps(settings, indent=1).encode() + b'\n')


def _num_flows(folder: Path) -> int:
    return sum(1 for _ in folder.glob('flow_x_*.jpg'))


def _part(folder: Path) -> Path:
    return folder.with_name(f'{folder.name}.part')
