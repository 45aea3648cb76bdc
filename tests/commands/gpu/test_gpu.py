"""``python -m msnet_mmaction gpu`` without a GPU: its parts, its time, its report."""

import argparse
import json
import re
import time
from importlib import import_module
from pathlib import Path

import pytest
import torch

from msnet_mmaction.apis import config_path
from msnet_mmaction.commands.benchmark import operation, rivals
from msnet_mmaction.commands.benchmark.cli import MEASUREMENTS
from msnet_mmaction.commands.cli import COMMANDS, main
from msnet_mmaction.commands.gpu import parts, schedule
from msnet_mmaction.commands.gpu.aims import aims
from msnet_mmaction.commands.gpu.findings import findings_of
from msnet_mmaction.commands.gpu.parts import Part, all_parts, chosen_parts
from msnet_mmaction.commands.gpu.report import write_report
from msnet_mmaction.commands.gpu.schedule import Outcome, run_parts

CPU, GPU = torch.device('cpu'), torch.device('cuda')


def python(name, code, seconds=1, **options):
    return Part(name, f'Part {name}', seconds, ['-c', code], **options)


@pytest.mark.parametrize(
    ('built_with', 'message'), [(None, 'built without CUDA'), ('13.0', 'finds none.*nvidia-smi')]
)
def test_without_a_gpu_it_says_so_at_once(monkeypatch, capsys, tmp_path, built_with, message):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    monkeypatch.setattr(torch.version, 'cuda', built_with)
    assert main(['gpu', '--out', str(tmp_path / 'out')]) == 2
    error = capsys.readouterr().err
    assert error.startswith('error: there is no GPU: torch')
    assert '--device cpu' in error
    assert re.search(message, error)
    assert not (tmp_path / 'out').exists()


@pytest.fixture
def gpu(monkeypatch):
    """What the parts ask of a GPU before they start: it serves every backend."""
    monkeypatch.setattr(operation, 'choose_backend', lambda features, backend: backend)
    monkeypatch.setattr(operation.torch, 'empty', lambda *size, device: None)


def parsed(part):
    """The arguments of a part as its command reads them; an unknown one ends the test."""
    module, *words = part.arguments[1:]
    assert module == 'msnet_mmaction'
    parser = argparse.ArgumentParser()
    command = words.pop(0)
    import_module(f'msnet_mmaction.commands.{COMMANDS[command].module}').add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize('device', [CPU, GPU], ids=str)
def test_every_part_is_a_command_with_its_arguments(gpu, tmp_path, device):
    tests, *others = all_parts(device, tmp_path)
    assert (tests.cwd / 'tests' / 'gpu').is_dir()
    assert len({part.name for part in others}) == len(others)
    for part in others:
        args = parsed(part)
        if part.name == 'demo':
            continue
        assert args.json == part.results
        if args.measurement != 'loader':
            assert args.device == device
        if args.measurement == 'model':
            for contestant in args.contestants:
                contestant.check(args.train)
                assert Path(config_path(contestant.config)).is_file()
    kinds = {parsed(part).measurement for part in others if part.name != 'demo'}
    assert kinds == MEASUREMENTS.keys() - {'table2'}
    # Ten minutes are promised on a GPU.
    assert sum(p.seconds for p in chosen_parts(all_parts(GPU, tmp_path), None)) <= 600


def test_what_is_not_installed_is_left_out_and_said(gpu, monkeypatch, tmp_path):
    monkeypatch.setattr(rivals, 'find_spec', lambda name: None)
    part = next(p for p in all_parts(GPU, tmp_path) if p.name == 'operation-float16')
    assert 'localcorr+compile: localcorr is not installed' in part.left_out
    assert 'matrix-product+compile' in part.arguments
    assert 'localcorr+compile' not in part.arguments


def test_choice_of_parts(tmp_path):
    known = all_parts(CPU, tmp_path)
    assert chosen_parts(known, None) == known[:-1]
    assert chosen_parts(known, None, sweep=True) == known
    assert known[-1].name == 'sweep'
    assert known[-1].hindrance == 'it needs a GPU'
    assert chosen_parts(known, ['tests'], sweep=True) == [known[0], known[-1]]
    assert chosen_parts(known, ['sweep']) == [known[-1]]
    names = [part.name for part in chosen_parts(known, ['operation', 'demo'])]
    assert names == ['operation-float32', 'operation-float16', 'demo']
    with pytest.raises(ValueError, match="no part 'oper'; there are tests, operation-float32"):
        chosen_parts(known, ['oper'])


def test_statuses_and_what_is_printed(tmp_path, capfd):
    some = [
        python('good', 'print(1)'),
        python('bad', 'import sys; print("so it went"); sys.exit(3)'),
    ]
    good, bad = run_parts(some, 60, tmp_path)
    assert (good.status, good.note) == ('done', '')
    assert (bad.status, bad.note) == ('failed', 'so it went')
    assert good.log.read_text() == '1\n'
    assert '[2/2] Part bad, at most' in capfd.readouterr().out


def test_a_part_whose_time_is_up_is_ended_with_all_that_it_started(tmp_path, monkeypatch):
    monkeypatch.setattr(schedule, 'GRACE', 0.2)
    alive = tmp_path / 'alive'
    # It takes no notice of the interruption, nor does its child, which goes on writing.
    child = (
        'import time, pathlib\n'
        f'while True: pathlib.Path({str(alive)!r}).write_text(str(time.time())); time.sleep(0.05)'
    )
    code = (
        'import signal, subprocess, sys, time\n'
        'signal.signal(signal.SIGINT, signal.SIG_IGN)\n'
        f'subprocess.Popen([sys.executable, "-c", {child!r}])\n'
        'while True: time.sleep(1)'
    )
    begin = time.monotonic()
    outcome = schedule.run_part(python('endless', code), 3, tmp_path / 'log')
    assert outcome.status == 'out of time'
    assert 3 <= outcome.seconds < 30
    assert time.monotonic() - begin < 30
    before = alive.read_text()
    time.sleep(0.3)
    assert alive.read_text() == before


def test_time_that_is_left_over_goes_to_the_next(tmp_path):
    first, second = run_parts(
        [python('a', '', seconds=1), python('b', '', seconds=1)], 100, tmp_path
    )
    assert first.limit == pytest.approx(50, abs=1)
    assert second.limit == pytest.approx(100 - first.seconds, abs=1)


FAST = dict(size='56x28x15x64', direction='forward', dtype='float16', failure=None)


def test_report(tmp_path):
    results = [
        dict(FAST, backend='matrix-product', milliseconds=1.5, speedup=1.0, mebibytes=80.0),
        dict(FAST, backend='triton+graph', milliseconds=0.12, speedup=12.5, mebibytes=None),
        dict(FAST, backend='triton|x', milliseconds=None, speedup=None, mebibytes=None)
        | dict(failure='out of memory'),
    ]
    path = tmp_path / 'operation.json'
    path.write_text(json.dumps({'results': results}))
    done = Part('operation-float16', 'The operation', 1, [], path, left_out=('mmcv: no',))
    gone = Part('demo', 'A training', 1, [], tmp_path / 'gone.json')
    outcomes = [
        Outcome(done, 'done', 3.0, 5.0),
        Outcome(gone, 'out of time', 5.0, 5.0),
        Outcome(Part('tests', 'Tests', 1, []), 'left out', note='a wheel has none'),
        Outcome(Part('x', 'Other', 1, []), 'failed', 1.0, 5.0, note='Traceback ...'),
    ]
    write_report(tmp_path, {'gpu': 'H100', 'torch': '2'}, outcomes, '2026-01-01', rehearsal=False)
    text = (tmp_path / 'report.md').read_text()
    assert text.startswith('# msnet_mmaction on H100\n')
    assert '| The operation, forward, 8 clips: at least 5 times the fastest other way | ' in text
    assert '12.5 times matrix-product (triton+graph) | yes |' in text
    assert '| out of memory |' in text
    assert 'Left out: mmcv: no.' in text
    assert '**out of time**\n\nIt left no results.' in text
    assert '**left out**: a wheel has none' in text
    assert '```\nTraceback ...\n```' in text
    assert 'REHEARSAL' not in text
    # Each row of a table has the columns of its head.
    for block in text.split('\n\n'):
        if block.startswith('|'):
            assert len({line.count('|') for line in block.splitlines()}) == 1
    content = json.loads((tmp_path / 'report.json').read_text())
    assert content['parts'][0]['findings'][1]['milliseconds'] == 0.12

    write_report(tmp_path, {'processor': 'a CPU'}, outcomes, '2026-01-01', rehearsal=True)
    text = (tmp_path / 'report.md').read_text()
    assert 'REHEARSAL ON A CPU' in text
    assert '## Aims' not in text


def networks(*rows):
    keys = ('contestant', 'batch', 'milliseconds', 'speedup', 'layer_share')
    findings = [dict(zip(keys, row, strict=True)) for row in rows]
    return [dict(name='networks-bfloat16', title='Networks', findings=findings)]


def test_aims_of_networks():
    rows = aims(
        networks(
            ('tsm_imagenet', 1, 5.0, 1.0, None),
            ('msnet_r50', 1, 6.0, 0.83, 0.05),
            ('msnet_r50+optimize', 1, 4.0, 1.25, 0.04),
            ('tsm_imagenet', 8, None, None, None),
            ('msnet_r50', 8, 20.0, None, 0.02),
        )
    )
    assert [row[1:] for row in rows] == [
        ['1.25 times (msnet_r50+optimize)', 'yes'],
        ['4.0% (msnet_r50+optimize)', 'no'],
        ['2.0% (msnet_r50)', 'yes'],
    ]


def test_findings_of_tests(tmp_path):
    path = tmp_path / 'tests.xml'
    path.write_text(
        '<testsuites><testsuite tests="4" failures="1" errors="0" skipped="2">'
        '<testcase name="a"/><testcase name="b"><failure message="x"/></testcase>'
        '<testcase name="c"><skipped message="one GPU"/></testcase>'
        '<testcase name="d"><skipped message="one GPU"/></testcase></testsuite></testsuites>'
    )
    assert findings_of(Part('tests', '', 1, [], path)) == {
        'passed': 1, 'failed': 1, 'of them': 'b', 'skipped: one GPU': 2,
    }  # fmt: skip


def test_findings_of_the_demo(tmp_path):
    steps = [dict(loss=2.0, time=0.4, data_time=0.3), {'acc/top1': 0.5}]
    steps.append(dict(loss=1.0, time=0.6, data_time=0.2))
    earlier, test = [dict(loss=9.0, time=1.0, data_time=1.0)], [{'acc/top1': 0.5}]
    for name, lines in (('20260101', earlier), ('20260102', steps), ('20260103', test)):
        log = tmp_path / name / 'vis_data' / f'{name}.json'
        log.parent.mkdir(parents=True)
        log.write_text('\n'.join(map(json.dumps, lines)))
    path = tmp_path / 'accuracy.json'
    path.write_text(json.dumps({'MSNet-R18': {'top1': 0.5, 'checkpoint': 'x'}}))
    found = findings_of(Part('demo', '', 1, [], path))
    assert found['loss, first logged'] == 2.0
    assert found['loss, last'] == 1.0
    assert found["the loader's share of the training time"] == pytest.approx(0.5)


def test_an_installed_wheel_leaves_the_tests_out(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(parts, 'resource_root', lambda: tmp_path)
    assert main(['gpu', '--device', 'cpu', '--out', str(tmp_path), '--parts', 'tests']) == 0
    assert 'Tests: left out, an installed wheel has no tests' in capsys.readouterr().out
    assert '**left out**: an installed wheel' in (tmp_path / 'report.md').read_text()


@pytest.mark.slow
def test_rehearsal(tmp_path, capsys):
    """Measuring parts, as they run on a GPU, in processes of their own."""
    chosen = ['operation-float32', 'networks', 'training']
    arguments = ['--device', 'cpu', '--out', str(tmp_path), '--minutes', '20', '--parts', *chosen]
    assert main(['gpu', *arguments]) == 0, capsys.readouterr().out
    content = json.loads((tmp_path / 'report.json').read_text())
    assert [part['status'] for part in content['parts']] == ['done'] * 3
    assert all(part['findings'] for part in content['parts'])
    text = (tmp_path / 'report.md').read_text()
    assert 'REHEARSAL ON A CPU' in text
    assert '| msnet_r18_motion | training step | 2 |' in text
