"""Random states that follow from numbers, not from what was drawn before."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def seed_all(*key: int) -> None:
    """Seed the global generators of Python, NumPy and torch, those of GPUs included.

    Args:
        key: Numbers, none negative: other numbers, or another order, are another seed.
    """
    _seed_host(key)
    torch.manual_seed(int(_words(key)[0]))


@contextmanager
def random_states_of(*key: int) -> Iterator[None]:
    """Seed the global generators of the CPU by a key, and restore their states afterwards.

    Args:
        key: As in :func:`seed_all`.
    """
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    _seed_host(key)
    # torch.manual_seed would seed the generators of GPUs too, which a data worker must not touch.
    torch.default_generator.manual_seed(int(_words(key)[0]))
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        torch.set_rng_state(states[2])


def _seed_host(key: tuple[int, ...]) -> None:
    _, for_python, *for_numpy = _words(key)
    random.seed(int(for_python))
    np.random.seed(for_numpy)  # noqa: NPY002


def _words(key: tuple[int, ...]) -> np.ndarray:
    """Six independent 32-bit numbers."""
    return np.random.SeedSequence(key).generate_state(6)
