"""Work on many videos in several processes."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import TypeVar

import cv2

Task = TypeVar('Task')
Result = TypeVar('Result')


def map_in_processes(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: int
) -> Iterator[Result]:
    """Call a function with each of the tasks; results come in the order of the tasks.

    Args:
        function: A function that can be pickled.
        tasks: Its arguments, which can be pickled.
        workers: Number of processes, each of one thread; with 0 or 1, this process does
            the work.

    Raises:
        BrokenProcessPool: If a process died.
    """
    if workers <= 1:
        yield from map(function, tasks)
        return
    with process_pool(workers) as pool:
        yield from pool.map(function, tasks)


@contextmanager
def process_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes of one thread each, which end with this process, even if it is killed.

    On Ctrl-C and on an error, tasks that have not begun are cancelled.

    Args:
        workers: Number of processes.
    """
    # Not forked: a fork of a process whose libraries have started threads may wait for ever.
    pool = ProcessPoolExecutor(workers, get_context('spawn'), initializer=_start_worker)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker() -> None:
    cv2.setNumThreads(1)
    # Ctrl-C is for the main process, which then waits for the tasks that are under way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Without this, the workers of a killed process would go on and disturb the next run.
    parent = parent_process()
    if parent is None or not parent.is_alive():
        os._exit(1)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
