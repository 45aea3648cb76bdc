"""Ways to run a work: with or without TF32, captured in a CUDA graph."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from .timing import Work


@contextmanager
def tf32(enabled: bool) -> Iterator[None]:
    """Allow TF32 in float32 matrix products and convolutions on a GPU, or forbid it.

    By default torch allows it in convolutions only. The settings are restored at the end.

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
        work: The function to capture. Each call must use the same tensors and not synchronise.
        device: A GPU.
        warmup: Number of calls before the capture, on a side stream, as torch requires.

    Returns:
        A replay of the graph.

    Raises:
        ValueError: If the device is not a GPU.
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
