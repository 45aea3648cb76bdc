"""What only a GPU does, as far as it shows without one."""

from contextlib import nullcontext
from unittest.mock import MagicMock, create_autospec

import pytest
import torch

from msnet_mmaction.commands.benchmark import timing
from msnet_mmaction.commands.benchmark.execution import capture, tf32, with_tf32

GPU = torch.device('cuda', 0)


def settings():
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


@pytest.mark.parametrize('enabled', [False, True])
def test_tf32_is_said_and_taken_back(enabled):
    before = settings()
    seen = []
    with_tf32(lambda: seen.append(settings()), enabled)()
    assert seen == [(enabled, enabled)]
    assert settings() == before
    with pytest.raises(KeyError), tf32(enabled):
        raise KeyError
    assert settings() == before


def test_kernels_see_tf32():
    triton = pytest.importorskip('msnet_mmaction.ops.matching.triton')
    for enabled in (True, False):
        with tf32(enabled):
            assert triton._tf32_allowed() == enabled


@pytest.fixture
def gpu(monkeypatch):
    """The calls that reach torch.cuda, whose signatures are checked."""
    calls = MagicMock()
    monkeypatch.setattr(torch.cuda, 'device', lambda device: nullcontext())
    monkeypatch.setattr(torch.cuda, 'stream', lambda stream: nullcontext())
    calls.graph = create_autospec(torch.cuda.graph, return_value=nullcontext())
    monkeypatch.setattr(torch.cuda, 'graph', calls.graph)
    monkeypatch.setattr(torch.cuda, 'Stream', lambda: calls.side)
    monkeypatch.setattr(torch.cuda, 'current_stream', lambda device=None: calls.current)
    monkeypatch.setattr(torch.cuda, 'CUDAGraph', lambda: calls.captured)
    monkeypatch.setattr(torch.cuda, 'synchronize', lambda device=None: None)
    return calls


def test_capture(gpu):
    done = []
    replay = capture(lambda: done.append(1), GPU, warmup=3)
    assert len(done) == 4
    gpu.graph.assert_called_once_with(gpu.captured, stream=gpu.side)
    gpu.side.wait_stream.assert_called_once_with(gpu.current)
    gpu.current.wait_stream.assert_called_once_with(gpu.side)
    replay()
    gpu.captured.replay.assert_called_once_with()
    with pytest.raises(ValueError, match='need a GPU'):
        capture(list, torch.device('cpu'))


class Event:
    """The GPU's clock; each call of a work takes a millisecond of it."""

    now = 0.0

    def __init__(self, enable_timing):
        assert enable_timing

    def record(self, stream):
        self.at = Event.now

    def synchronize(self):
        pass

    def elapsed_time(self, end):
        return end.at - self.at


def test_a_short_work_is_repeated_on_a_gpu(gpu, monkeypatch):
    monkeypatch.setattr(torch.cuda, 'Event', Event)
    calls = []

    def work():
        calls.append(1)
        Event.now += 1.0

    seconds = timing.interleave({'work': work}, rounds=2, device=GPU, warmup=2)
    # The first are to warm up, one tells how long a call takes; then five milliseconds each.
    assert len(calls) == 2 + 1 + 2 * 5
    assert seconds['work'] == pytest.approx([1e-3, 1e-3])
