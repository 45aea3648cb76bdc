"""How a work is executed: with TF32 or without, captured in a CUDA graph."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from .timing import Work


@contextmanager
def tf32(enabled: bool) -> Iterator[None]:
    """Allow TF32 in float32 matrix products and convolutions on a GPU, or forbid it.

    By default torch allows it in convolutions alone. On leaving, the settings are as before.

    Args:
        enabled: Whether it is allowed.
    """
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    matmul.allow_tf32 = cudnn.allow_tf32 = enabled
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before


def with_tf32(work: Work, enabled: bool) -> Work:
    """A work that runs under :func:`tf32`."""

    def run() -> None:
        with tf32(enabled):
            work()

    return run


def capture(work: Work, device: torch.device, warmup: int = 3) -> Work:
    """Capture a work in a CUDA graph.

    Args:
        work: What is captured. It must read and write the same tensors at each call, and wait for
            nothing.
        device: A GPU.
        warmup: Calls before the capture, on a stream of their own, as torch asks for.

    Returns:
        A replay of the graph.

    Raises:
        ValueError: If the device is no GPU.
    """
    if device.type != 'cuda':
        raise ValueError(f'CUDA graphs (+graph) need a GPU, not {device.type!r}')
    with torch.cuda.device(device):
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(warmup):
                work()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=stream):
            work()
    return graph.replay
