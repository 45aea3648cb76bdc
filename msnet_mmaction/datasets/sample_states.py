"""Which samples of a list could be read so far, known to all workers of a loader."""

from collections.abc import Iterator

import torch

_UNTRIED, _GOOD, _BROKEN = range(3)


class SampleStates:
    """One byte a sample in memory that worker processes share, however they are started.

    Each byte is written on its own, so no lock is needed. A copy of an object of this class goes
    its own way.

    Args:
        size: Number of samples.
        parts: Number of processes among which an epoch is divided: each counts for itself.
    """

    def __init__(self, size: int, parts: int = 1) -> None:
        self._states = torch.full((size,), _UNTRIED, dtype=torch.uint8).share_memory_()
        self.parts = parts

    def mark_good(self, index: int) -> None:
        """A sample was read, maybe after it could not be."""
        self._states[index] = _GOOD

    def mark_broken(self, index: int) -> bool:
        """A sample could not be read; returns whether this is new."""
        new = bool(self._states[index] != _BROKEN)
        self._states[index] = _BROKEN
        return new

    def broken(self) -> Iterator[int]:
        """Indices of the samples that could not be read."""
        yield from torch.nonzero(self._states == _BROKEN).flatten().tolist()

    def another(self) -> int | None:
        """Index of a random sample that isn't known to be broken; None if there is none."""
        others = torch.nonzero(self._states != _BROKEN)
        return int(others[torch.randint(len(others), ())]) if len(others) else None

    def allowed(self, share: float) -> int:
        """How many broken samples are within a share of the list.

        One process sees the whole list in an epoch. Of several, each sees its part, finds its part
        of what is broken, and is allowed as much of it; in later epochs it sees more.

        Args:
            share: From 0 to 1.
        """
        tried = int(torch.count_nonzero(self._states))
        return int(share * max(tried, len(self._states) / self.parts))
