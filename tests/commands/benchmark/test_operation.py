import argparse
import json
import re

import pytest
import torch

from msnet_mmaction.commands.benchmark import operation, timing
from msnet_mmaction.commands.benchmark.operation import Contestant, Size
from msnet_mmaction.commands.cli import main

CPU = torch.device('cpu')
CONFIG = 'configs/demo/msnet_r18_motion.py'


def run(*arguments):
    parser = argparse.ArgumentParser()
    operation.add_arguments(parser)
    return operation.run(parser.parse_args(arguments))


def test_size():
    assert Size.parse('7x28x15') == Size(pairs=7, height=28, patch=15, channels=64)
    assert str(Size.parse('7x28x15x32')) == '7x28x15x32'
    for text in ('7x28', '7x28x14', '0x28x15', '7x28xP'):
        with pytest.raises(argparse.ArgumentTypeError):
            Size.parse(text)


def test_rounds_are_interleaved():
    calls = []
    works = {name: lambda name=name: calls.append(name) for name in 'ab'}
    seconds = timing.interleave(works, rounds=3, device=CPU, warmup=1)
    assert ''.join(calls) == 'ab' + 'ab' + 'ba' + 'ab'
    assert {name: len(values) for name, values in seconds.items()} == {'a': 3, 'b': 3}


def test_ratio_is_within_rounds():
    # The second round was disturbed as a whole.
    assert timing.ratio([6.0, 60.0, 9.0], [2.0, 20.0, 3.0]) == 3.0


def test_peak_memory():
    def work():
        first = torch.empty(3000)
        second = torch.empty(500)
        del first
        return torch.empty(100), second.sum()

    assert 4 * 3500 <= timing.peak_memory(work, CPU) < 4 * 3600


def test_writes_results(tmp_path, capsys):
    path = tmp_path / 'results.json'
    sizes = ['--sizes', '1x6x3x4', '--rounds', '2']
    assert run(*sizes, '--json', str(path)) == 0
    content = json.loads(path.read_text())
    rows = {(r['backend'], r['direction']): r for r in content['results']}
    assert set(rows) == {
        (backend, direction)
        for backend in ('reference', 'export', 'cpu')
        for direction in ('forward', 'forward+backward')
    }
    assert rows['reference', 'forward']['speedup'] == 1.0
    assert all(row['milliseconds'] > 0 and row['mebibytes'] > 0 for row in rows.values())
    assert content['machine']['torch'] == torch.__version__
    assert capsys.readouterr().out.count('1x6x3x4') == 6


def test_growth_is_plotted(tmp_path, monkeypatch):
    monkeypatch.setattr(
        operation, 'growth_sizes', lambda base: {'patch P': [Size(1, 5, p, 4) for p in (1, 3)]}
    )
    path = tmp_path / 'growth.png'
    run('--sizes', '1x5x3x4', '--rounds', '1', '--backends', 'cpu', '--growth', str(path))
    assert path.read_bytes().startswith(b'\x89PNG')


@pytest.mark.parametrize(
    ('text', 'message'),
    [('fast', "no 'fast'; there are reference"), ('cpu+magic', 'no option magic')],
)
def test_wrong_contestants(text, message):
    with pytest.raises(argparse.ArgumentTypeError, match=message):
        Contestant.parse(text)


def test_what_cannot_run_stops_nothing_and_says_why(tmp_path, capsys):
    path = tmp_path / 'results.json'
    names = ['mmcv', 'triton', 'cpu+graph', 'cpu']
    assert (
        run('--sizes', '1x5x3x4', '--rounds', '1', '--backends', *names, '--json', str(path)) == 1
    )
    results = json.loads(path.read_text())['results']
    failures = {r['backend']: r['failure'] for r in results if r['direction'] == 'forward'}
    assert list(failures) == names
    assert re.search('mmcv (is not installed|needs a GPU)', failures['mmcv'])
    assert "'triton' cannot serve" in failures['triton']
    assert '(+graph) need a GPU' in failures['cpu+graph']
    assert failures['cpu'] is None
    # The first of them did not run.
    assert results[3]['speedup'] is None
    assert results[3]['milliseconds'] > 0
    assert capsys.readouterr().out.count('need a GPU') == 2


def test_results_are_written_one_by_one(tmp_path, monkeypatch):
    """A run that is stopped leaves what it had."""
    path = tmp_path / 'results.json'
    measured = operation.measure

    def stopped(*arguments):
        yield next(measured(*arguments))
        raise KeyboardInterrupt

    monkeypatch.setattr(operation, 'measure', stopped)
    with pytest.raises(KeyboardInterrupt):
        run('--sizes', '1x5x3x4', '--rounds', '1', '--json', str(path))
    assert len(json.loads(path.read_text())['results']) == 1


@pytest.mark.parametrize('words', [['operation'], ['sweep'], ['model', CONFIG], ['table2']])
def test_a_gpu_that_is_not_there(words, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    assert main(['benchmark', *words, '--device', 'cuda']) == 2
    assert capsys.readouterr().err.startswith('error: there is no GPU: torch')
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 1)
    assert main(['benchmark', *words, '--device', 'cuda:1']) == 2
    assert capsys.readouterr().err == 'error: there is no cuda:1: torch finds 1 GPUs\n'
