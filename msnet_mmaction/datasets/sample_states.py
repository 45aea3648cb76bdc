"""States of the samples of a list, readable or broken, shared by the workers of a loader."""

from collections.abc import Iterator

import torch

_UNTRIED, _GOOD, _BROKEN = range(3)


class SampleStates:
    """One byte for each sample, in memory that worker processes share, forked or spawned.

    Bytes are written one by one, so that no lock is needed. A deep copy of the object has
    bytes of its own.

    Args:
        size: Number of samples.
        parts: Number of processes of a distributed run. Each has states of its own.
    """

    def __init__(self, size: int, parts: int = 1) -> None:
        self._states = torch.full((size,), _UNTRIED, dtype=torch.uint8).share_memory_()
        self.parts = parts

    def mark_good(self, index: int) -> None:
        """Mark a sample as read, also if it was broken before."""
        self._states[index] = _GOOD

    def mark_broken(self, index: int) -> bool:
        """Mark a sample as broken; return whether it was not marked before."""
        new = bool(self._states[index] != _BROKEN)
        self._states[index] = _BROKEN
        return new

    def broken(self) -> Iterator[int]:
        """Indices of the samples that could not be read."""
        yield from torch.nonzero(self._states == _BROKEN).flatten().tolist()

    def is_broken(self, index: int) -> bool:
        """Whether a sample is known not to be readable."""
        return bool(self._states[index] == _BROKEN)

    def allowed(self, share: float) -> int:
        """Number of broken samples that a share of the list allows.

        A single process reads the whole list in an epoch. Of several processes, each reads a part,
        and the share is taken of that part; in later epochs it has read more of the list.

        Args:
            share: From 0 to 1.
        """
        tried = int(torch.count_nonzero(self._states))
        return int(share * max(tried, len(self._states) / self.parts))
