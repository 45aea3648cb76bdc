"""The speed column of Table 2."""

import json

import numpy as np
import pytest
import torch

from msnet_mmaction.commands.cli import main
from msnet_mmaction.commands.reproduce import runtime
from msnet_mmaction.commands.reproduce.experiments import load_paper


def test_the_rows_are_those_with_a_published_speed():
    # The systems that the paper times (Section 4.4).
    assert list(runtime.timed_rows()) == [
        'ResNet-50 (from Rep-flow)',
        'R(2+1)D',
        'Rep-flow (ResNet-50)',
        'Rep-flow (R(2+1)D)',
        'ResNet-50 two-stream (from Rep-flow)',
        'R(2+1)D two-stream',
        'TSM',
        'MSNet-R50, 8 frames',
        'MSNet-R50, 16 frames',
    ]


def test_frames_move_as_they_say():
    first, second = runtime.grey_frames(2, 16)
    assert first.shape == (16, 16)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(second[:-1, :-2], first[1:, 2:])
    assert len(np.unique(first)) > 3


def test_a_two_stream_row_is_both_networks_and_the_flow_of_every_frame(monkeypatch):
    """With given times: each network 0.25 s, two flows 0.5 s, so that 32 of them take 8 s."""
    monkeypatch.setattr(runtime, '_inference', lambda config, device, size: (lambda: None, 32))
    monkeypatch.setattr(
        runtime,
        'interleave',
        lambda works, *_, **__: {n: [0.5 if n == 'TV-L1' else 0.25] for n in works},
    )
    rows = load_paper().select(['table2/R(2+1)D', 'table2/R(2+1)D two-stream'])
    one, two = runtime.measure(rows, torch.device('cpu'), pairs=2)
    assert (one.milliseconds, one.flow_milliseconds) == (250, 0)
    assert (two.milliseconds, two.flow_milliseconds) == (8500, 8000)
    assert two.videos_per_second == pytest.approx(1 / 8.5)
    assert two.published == rows[1].speed


def test_command(capsys, tmp_path):
    path = tmp_path / 'out.json'
    rows = ['TSM', 'ResNet-50 two-stream (from Rep-flow)']
    words = f'benchmark table2 --size 32 --rounds 1 --pairs 1 --json {path} --rows'.split()
    assert main([*words, *rows]) == 0
    printed = capsys.readouterr()
    assert all(row in printed.out for row in rows)
    assert 'resnet50_32f_flow_k400' in printed.err
    results = json.loads(path.read_text())['results']
    assert [result['row'] for result in results] == rows
    assert [result['flow_milliseconds'] > 0 for result in results] == [False, True]
