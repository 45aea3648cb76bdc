"""Other settings of the kernels: what a sweep changes, and what it tells."""

import pytest
import torch

from msnet_mmaction.commands.benchmark import sweep
from msnet_mmaction.commands.benchmark.operation import Size
from msnet_mmaction.commands.benchmark.sweep import SETTINGS, Setting, default_setting

triton = pytest.importorskip('msnet_mmaction.ops.matching.triton')


def test_a_setting_is_used_and_taken_back():
    before = default_setting()
    assert str(before) == 'block 16, channels 64, warps 4, stages 1'
    with Setting(32, 16, 2, 3).used():
        constants = triton._constants(64, 7, 5.0, False)
        assert (constants['BX'], constants['BC'], constants['BL']) == (32, 16, 64)
        assert (constants['num_warps'], constants['num_stages']) == (2, 3)
    assert default_setting() == before
    assert before in SETTINGS


def test_the_fastest_comes_first(monkeypatch):
    used = []

    def make_work(size, contestant, backward, device, dtype):
        assert contestant.options == ('graph',)
        setting = default_setting()
        if setting.warps == 8:
            raise RuntimeError('out of resources')
        return lambda: used.append(setting)

    def interleave(works, rounds, device):
        for work in works.values():
            work()
        return {name: [1.0 / (1 + i)] for i, name in enumerate(works)}

    monkeypatch.setattr(sweep, 'make_work', make_work)
    monkeypatch.setattr(sweep, 'interleave', interleave)
    results = list(sweep.measure([Size(1, 5, 3, 4)], torch.device('cpu'), ['float16'], 1))
    assert len(results) == 2 * len(SETTINGS)
    assert set(used) == {setting for setting in SETTINGS if setting.warps != 8}
    for direction in ('forward', 'forward+backward'):
        here = [r for r in results if r.direction == direction]
        times = [r.milliseconds for r in here if r.failure is None]
        assert times == sorted(times)
        assert [r.setting for r in here if r.default] == [str(default_setting())]
        assert {r.failure for r in here[len(times) :]} == {'RuntimeError: out of resources'}
