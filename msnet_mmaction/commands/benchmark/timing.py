"""Honest timings: interleaved rounds, medians, and ratios of what ran side by side."""

import os
import statistics
import time
from collections.abc import Callable, Iterable

import torch
from torch.profiler import ProfilerActivity, profile

Work = Callable[[], object]


def _synchronize(device: torch.device) -> None:
    if device.type == 'cuda':
        torch.cuda.synchronize(device)


def _seconds(work: Work, device: torch.device) -> float:
    _synchronize(device)
    start = time.perf_counter()
    work()
    _synchronize(device)
    return time.perf_counter() - start


def interleave(
    works: dict[str, Work], rounds: int, device: torch.device, warmup: int = 2
) -> dict[str, list[float]]:
    """Time each work once a round, so that what disturbs the machine disturbs them all.

    Every other round runs backwards: what one leaves in memory and caches is then nobody's gain.

    Returns:
        Seconds of each round, for each work.
    """
    for work in works.values():
        for _ in range(warmup):
            work()
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for i in range(rounds):
        for name in works if i % 2 == 0 else reversed(works):
            seconds[name].append(_seconds(works[name], device))
    return seconds


def median(values: Iterable[float]) -> float:
    """Median."""
    return statistics.median(values)


def ratio(slow: list[float], fast: list[float]) -> float:
    """Median of the ratios within each round."""
    return median(a / b for a, b in zip(slow, fast, strict=True))


def peak_memory(work: Work, device: torch.device) -> int:
    """Bytes that torch holds at most while ``work`` runs, beyond what it held before.

    On a CPU this sums what the profiler sees torch's allocator give and take; scratch memory of
    the libraries below it is not in there. On a GPU it is the caching allocator's own peak.
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
