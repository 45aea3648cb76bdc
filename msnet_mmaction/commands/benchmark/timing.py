"""Timing in interleaved rounds, with medians and ratios within rounds."""

import math
import os
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

Work = Callable[[], object]

#: On a GPU a work is repeated for so many seconds in each round. Launches then overlap with
#: kernels, as in a network, and the resolution of the clock, half a microsecond, is negligible.
GPU_SECONDS = 0.005
MAX_REPEATS = 100


def mark(device: torch.device) -> Any:
    """A point in time, of the CPU's clock or of the GPU's current stream.

    Returns:
        An argument of :func:`seconds_between`.
    """
    if device.type != 'cuda':
        return time.perf_counter()
    event = torch.cuda.Event(enable_timing=True)
    event.record(torch.cuda.current_stream(device))
    return event


def seconds_between(begin: Any, end: Any) -> float:
    """Seconds between two results of :func:`mark` for one device; waits for a GPU to reach them."""
    if isinstance(begin, float):
        return end - begin
    end.synchronize()
    return begin.elapsed_time(end) / 1e3


def _seconds(work: Work, device: torch.device, repeats: int) -> float:
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
    begin = mark(device)
    for _ in range(repeats):
        work()
    return seconds_between(begin, mark(device)) / repeats


def _repeats(work: Work, device: torch.device) -> int:
    if device.type != 'cuda':
        return 1
    seconds = max(_seconds(work, device, repeats=1), 1e-9)
    return min(MAX_REPEATS, math.ceil(GPU_SECONDS / seconds))


def interleave(
    works: dict[str, Work], rounds: int, device: torch.device, warmup: int = 2
) -> dict[str, list[float]]:
    """Time each work once a round, so that other load on the machine affects all works alike.

    Every other round has the reverse order, so that no work always follows the same one. On a GPU,
    a work is repeated for :data:`GPU_SECONDS` in each round.

    Returns:
        Seconds of one call in each round, by the name of the work.
    """
    repeats = {}
    for name, work in works.items():
        for _ in range(warmup):
            work()
        repeats[name] = _repeats(work, device)
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for i in range(rounds):
        for name in works if i % 2 == 0 else reversed(works):
            seconds[name].append(_seconds(works[name], device, repeats[name]))
    return seconds


def make_works(makers: Mapping[str, Callable[[], Work]]) -> tuple[dict[str, Work], dict[str, str]]:
    """Make works and call each once, so that a failing work does not stop the others.

    Args:
        makers: Functions that return a work, by its name.

    Returns:
        The works that ran, and the errors of the others, each in one line, by name.
    """
    works, failures = {}, {}
    for name, make in makers.items():
        try:
            work = make()
            work()
        # A library without a kernel, a missing compiler, a full GPU: they have no class in common.
        except Exception as error:
            lines = str(error).strip().splitlines() or ['']
            failures[name] = f'{type(error).__name__}: {lines[0]}'[:200]
        else:
            works[name] = work
    return works, failures


def median(values: Iterable[float]) -> float:
    """Median."""
    return statistics.median(values)


def ratio(slow: list[float], fast: list[float]) -> float:
    """Median over the rounds of the ratio of two works."""
    return median(a / b for a, b in zip(slow, fast, strict=True))


def peak_memory(work: Work, device: torch.device) -> int:
    """Peak of the bytes that torch allocates while ``work`` runs, without those allocated before.

    On a CPU it is the sum of allocations that torch's profiler records, without the scratch memory
    of libraries such as oneDNN. On a GPU it is the peak of the caching allocator.
    """
    work()
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        work()
        torch.cuda.synchronize(device)
        return torch.cuda.max_memory_allocated(device) - before
    # Else the profiler's library logs each of its steps to stderr.
    os.environ.setdefault('KINETO_LOG_LEVEL', '99')
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        work()
    held = peak = 0
    for event in profiler.profiler.kineto_results.events():
        if event.name() == '[memory]':
            held += event.nbytes()
            peak = max(peak, held)
    return peak
