"""Sizes and results of the measurement of the matching."""

import argparse
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Size:
    """Size of a matching: N pairs of (C, H, H), patches of P x P."""

    pairs: int
    height: int
    patch: int
    channels: int = 64

    @classmethod
    def parse(cls, text: str) -> 'Size':
        """Read ``NxHxP`` or ``NxHxPxC``."""
        try:
            size = cls(*map(int, text.split('x')))
        except (TypeError, ValueError):
            raise argparse.ArgumentTypeError(f'{text!r} is no NxHxP or NxHxPxC') from None
        if min(asdict(size).values()) < 1 or size.patch % 2 == 0:
            raise argparse.ArgumentTypeError(f'{text!r}: positive numbers and an odd patch P')
        return size

    def __str__(self) -> str:
        return f'{self.pairs}x{self.height}x{self.patch}x{self.channels}'


@dataclass(frozen=True)
class Result:
    """One contestant at one size.

    Attributes:
        size: NxHxPxC.
        backend: The contestant.
        direction: ``forward`` or ``forward+backward``.
        dtype: Type of the features.
        milliseconds: Median of the rounds. This and all below are None if it did not run.
        speedup: Median over the rounds of the first contestant's time divided by this one's; None
            if the first did not run.
        mebibytes: Peak memory, see :func:`.timing.peak_memory`; None for a CUDA graph, which has
            its own memory.
        failure: The error, if it did not run.
    """

    size: str
    backend: str
    direction: str
    dtype: str
    milliseconds: float | None = None
    speedup: float | None = None
    mebibytes: float | None = None
    failure: str | None = None
