"""Published figures beside counted and measured ones."""

import csv
import io
import json
import os
import runpy
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import mmaction
import pytest
import torch
from mmengine import dump
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.optim import build_optim_wrapper
from mmengine.runner import Runner
from torch import nn

from msnet_mmaction.commands.benchmark.complexity import Complexity
from msnet_mmaction.commands.cli import main
from msnet_mmaction.commands.reproduce import cli, tables
from msnet_mmaction.commands.reproduce.accuracy import measured_accuracy
from msnet_mmaction.commands.reproduce.commands import SCORES, commands, split_command
from msnet_mmaction.commands.reproduce.configs import ROOT, load_config, work_dir
from msnet_mmaction.commands.reproduce.experiments import load_paper
from msnet_mmaction.commands.reproduce.lines import report_lines
from msnet_mmaction.commands.reproduce.measurements import (
    configs_of,
    count,
    read_counts,
    write_counts,
)

PAPER = load_paper()
KS = PAPER.experiments['table3/KS']
ENSEMBLE = PAPER.experiments['table1/MSNet-R50-En, 10 clips']
FOLDER = 'work_dirs/ablations/table3/ks'
MSNET = PAPER.experiments['table2/MSNet-R50, 8 frames']


def scalars(path, *lines):
    path.parent.mkdir(parents=True)
    path.write_text(''.join(f'{json.dumps(line)}\n' for line in lines))


def test_accuracy_of_a_test_goes_before_that_of_a_validation(tmp_path):
    assert measured_accuracy(KS, 'sthv1', tmp_path) is None
    scalars(
        tmp_path / FOLDER / '1' / 'vis_data' / 'scalars.json',
        {'loss': 1.0, 'step': 1},
        {'acc/top1': 0.25, 'acc/top5': 0.5, 'step': 1},
        {'acc/top1': 0.375, 'acc/top5': 0.625, 'step': 2},
        {'loss': 0.5, 'step': 3},
    )
    found = measured_accuracy(KS, 'sthv1', tmp_path)
    assert (found.top1, found.top5, found.source) == (37.5, 62.5, 'validation')
    for name, top1, age in (('2', 0.5, 0), ('3', 0.125, 100)):
        path = tmp_path / FOLDER / name / f'{name}.json'
        scalars(path, {'acc/top1': top1})
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age))
    found = measured_accuracy(KS, 'sthv1', tmp_path)
    assert (found.top1, found.top5, found.source) == (50, None, 'test')


def test_a_line_that_was_cut_off_is_passed_over(tmp_path):
    path = tmp_path / FOLDER / '1' / 'vis_data' / 'scalars.json'
    scalars(path, {'acc/top1': 0.25, 'step': 1})
    with path.open('a') as file:
        file.write('{"acc/top1": 0.9, "st')
    assert measured_accuracy(KS, 'sthv1', tmp_path).top1 == 25


def test_scores_of_an_ensemble_are_averaged(tmp_path):
    # Each network alone is right on one of three videos; the mean of their scores on two.
    scores = {
        0: [[0.6, 0.4, 0.0], [0.2, 0.5, 0.3], [0.9, 0.05, 0.05]],
        1: [[0.1, 0.8, 0.1], [0.0, 0.2, 0.8], [0.8, 0.1, 0.1]],
    }
    labels = [1, 2, 2]
    for network, rows in zip(ENSEMBLE.networks['sthv1'], scores.values(), strict=True):
        assert measured_accuracy(ENSEMBLE, 'sthv1', tmp_path) is None
        folder = tmp_path / work_dir(network.tested, network.split)
        folder.mkdir(parents=True)
        samples = [
            dict(pred_score=torch.tensor(row), gt_label=torch.tensor([label]), filename=f'{i}.mp4')
            for i, (row, label) in enumerate(zip(rows, labels, strict=True))
        ]
        dump(samples, folder / SCORES)
    found = measured_accuracy(ENSEMBLE, 'sthv1', tmp_path)
    assert found.top1 == pytest.approx(200 / 3)
    assert found.source == 'test'


def test_hmdb51_is_the_mean_over_the_splits_and_says_which(tmp_path):
    def tested(folder, **accuracies):
        path = tmp_path / 'work_dirs' / folder / '1' / '1.json'
        scalars(path, {f'acc/{name}': value for name, value in accuracies.items()})

    def reported():
        lines = [
            line for line in report_lines(PAPER, [MSNET], {}, tmp_path) if line.dataset == 'hmdb51'
        ]
        (row,) = csv.DictReader(io.StringIO(tables.csv_table(lines)))
        return tables.markdown_table(lines), row

    assert reported()[1]['measured_top1'] == ''
    tested('msnet_r50_hmdb51_split2', top1=0.75, top5=0.875)
    assert '| 75.0 / 87.5 (1 of 3 splits: 2) |' in reported()[0]
    # Split 1 was not tested yet, and its validation may be of fewer clips: it does not count.
    validation = tmp_path / 'work_dirs' / 'msnet_r50_hmdb51' / '1' / 'vis_data' / 'scalars.json'
    scalars(validation, {'acc/top1': 0.125, 'acc/top5': 0.25})
    tested('msnet_r50_hmdb51_split3', top1=0.5, top5=0.625)
    text, row = reported()
    assert '| 62.5 / 75.0 (2 of 3 splits: 2, 3) |' in text
    assert (row['measured_splits'], row['splits'], row['measured_on']) == ('2 3', '3', 'test')
    (validation.parents[2] / '2').mkdir()
    (validation.parents[2] / '2' / '2.json').write_text('{"acc/top1": 0.25, "acc/top5": 0.375}')
    # (25 + 75 + 50) / 3 and (37.5 + 87.5 + 62.5) / 3.
    text, row = reported()
    assert '| 50.0 / 62.5 (mean of 3 splits) |' in text
    assert (row['measured_top1'], row['measured_splits']) == ('50.0', '1 2 3')


def test_streams_are_averaged_within_a_split(tmp_path):
    """Of one stream of split 1 and the other of split 2 there is no accuracy."""
    row = PAPER.experiments['table2/ResNet-50 two-stream (from Rep-flow)']

    def scores(network, rows):
        folder = tmp_path / work_dir(network.tested, network.split)
        folder.mkdir(parents=True)
        dump([
            dict(pred_score=torch.tensor(row), gt_label=torch.tensor([0]), filename=f'{i}.mp4')
            for i, row in enumerate(rows)
        ], folder / SCORES)  # fmt: skip

    (rgb1, _), (rgb2, flow2), _ = row.networks_by_split('hmdb51')
    scores(rgb1, [[0.0, 1.0], [0.0, 1.0]])
    scores(flow2, [[0.9, 0.1], [0.6, 0.4]])
    assert measured_accuracy(row, 'hmdb51', tmp_path) is None
    scores(rgb2, [[0.4, 0.6], [0.1, 0.9]])
    found = measured_accuracy(row, 'hmdb51', tmp_path)
    assert (found.top1, found.splits) == (50, (2,))


def test_commands_name_what_exists():
    train, test = commands(KS, 'sthv1')
    assert train == (
        f'python tools/train.py configs/ablations/table3/ks.py --work-dir {FOLDER} --auto-scale-lr'
    )
    # 40 epochs on Something-Something (Section 4.2).
    assert test == (
        f'python tools/test.py configs/ablations/table3/ks.py {FOLDER}/epoch_40.pth '
        f'--work-dir {FOLDER}'
    )
    *_, fuse = lines = commands(ENSEMBLE, 'sthv2', processes=4)
    assert len(lines) == 5
    assert 'dist_train.sh configs/msnet_r50_sthv2.py 4 ' in lines[1]
    assert lines[3].startswith(
        'tools/dist_test.sh configs/msnet_r50_10clips_sthv2.py work_dirs/msnet_r50_sthv2/epoch_40'
    )
    for line in lines[2:4]:
        assert line.split()[-1] in fuse
    for line in [*lines, train, test]:
        for word in line.split():
            if word.startswith(('configs/', 'tools/')):
                assert (ROOT / word).is_file(), word
    assert commands(PAPER.experiments['table1/STM'], 'sthv1') == []


def test_hmdb51_starts_from_the_checkpoint_that_its_kinetics_row_leaves():
    for experiment in PAPER.of_table('table2'):
        for split in experiment.networks_by_split('hmdb51'):
            for kinetics, hmdb51 in zip(experiment.networks['k400'], split, strict=True):
                start = load_config(hmdb51.config).load_from
                assert any(start in line for line in commands(
                    replace(experiment, networks={'k400': (kinetics,)}), 'k400'
                ))  # fmt: skip


def test_every_split_is_trained_tested_and_fused():
    lines = commands(PAPER.experiments['table2/R(2+1)D two-stream'], 'hmdb51')
    assert len(lines) == 3 * 5
    for number, of_split in enumerate((lines[:5], lines[5:10], lines[10:]), 1):
        rgb, flow = (f'baselines/r2plus1d_r34_{kind}hmdb51' for kind in ('', 'flow_'))
        rgb_folder, flow_folder = (
            f'work_dirs/{name}' + ('' if number == 1 else f'_split{number}') for name in (rgb, flow)
        )
        split = dict(HMDB51_SPLIT=str(number))
        assert [split_command(line)[0] for line in of_split] == [split] * 4 + [{}]
        of_split = [' '.join(split_command(line)[1]) for line in of_split]
        assert [line.split()[1].rpartition('/')[2] for line in of_split] == [
            'train.py', 'train.py', 'test.py', 'test.py', 'report_accuracy.py'
        ]  # fmt: skip
        assert of_split[1].startswith(f'python tools/train.py configs/{flow}.py ')
        # 35 epochs on HMDB-51 (Section 4.2).
        assert f'configs/{rgb}.py {rgb_folder}/epoch_35.pth ' in of_split[2]
        assert f'--preds {rgb_folder}/{SCORES} {flow_folder}/{SCORES} ' in of_split[4]


def test_a_training_is_resumed_only_where_there_is_a_checkpoint(tmp_path):
    (tmp_path / 'configs').symlink_to(ROOT / 'configs')
    assert '--resume' not in commands(KS, 'sthv1', resume=True, root=tmp_path)[0]
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / 'last_checkpoint').touch()
    assert commands(KS, 'sthv1', resume=True, root=tmp_path)[0].endswith(' --resume')


def counts_for(*rows):
    """Made-up counts: the FLOPs in G of each row's network."""
    return {
        PAPER.experiments[name].networks['sthv1'][0].config: Complexity(int(g * 1e9), 10**6)
        for name, g in rows
    }


def test_a_row_that_adds_something_else_is_marked_and_explained():
    # Published: Table 3 adds 0.3 G, Table 4's res2 adds 1.0 G.
    counts = counts_for(('table3/baseline', 14.0), ('table3/KS', 14.5), ('table4/res2', 14.5))
    chosen = [PAPER.experiments[name] for name in ('table3/KS', 'table4/res2')]
    near, far = report_lines(PAPER, chosen, counts)
    assert (near.differs, far.differs) == (False, True)
    assert near.published_added == pytest.approx(0.3)
    assert near.added.flops == pytest.approx(0.5)
    assert '0.50*' in tables.markdown_table([far])
    for why, note in (('other strides', 'other strides'), (None, 'reason unknown')):
        explained = replace(far, experiment=replace(far.experiment, why=why))
        assert tables.notes([explained]) == [f'res2: * {note}.']
    # What does not differ needs no reason.
    assert not any('*' in note for note in tables.notes([near]))


def test_two_networks_cost_their_sum():
    row = PAPER.experiments['table6/two-stream 8 + (8 x 5)']
    rgb, flow = row.networks['sthv1']
    counts = {rgb.config: Complexity(2 * 10**9, 10**6), flow.config: Complexity(3 * 10**9, 10**7)}
    (line,) = report_lines(PAPER, [row], counts)
    assert (line.cost.flops, line.cost.params) == (5, 11)
    assert (line.added.flops, line.added.params) == (3, 10)


def test_splits_cost_what_one_does():
    config = MSNET.networks['hmdb51'][0].config
    counts = {config: Complexity(2 * 10**9, 10**6)}
    line = next(x for x in report_lines(PAPER, [MSNET], counts) if x.dataset == 'hmdb51')
    assert (line.cost.flops, line.cost.params) == (2, 1)


def test_markdown_and_csv_hold_published_and_measured_side_by_side(tmp_path):
    scalars(tmp_path / FOLDER / '1' / '1.json', {'acc/top1': 0.446, 'acc/top5': 0.7})
    counts = counts_for(('table3/baseline', 14.0), ('table3/KS', 14.5))
    lines = list(report_lines(PAPER, [KS], counts, tmp_path))
    (row,) = csv.DictReader(io.StringIO(tables.csv_table(lines)))
    assert (row['published_top1'], row['measured_top1']) == ('44.6', '44.6')
    assert (row['published_top5'], row['measured_top5']) == ('75.4', '70.0')
    assert row['commands'].startswith('python tools/train.py ')
    text = tables.markdown(PAPER, lines)
    assert '| 44.6 / 75.4 | 44.6 / 70.0 |' in text
    assert row['commands'].split(' && ')[1] in text


def test_counts_of_a_network(capsys):
    """FLOPs and parameters of a small row are those that the documentation shows."""
    config = 'configs/ablations/figure5/mobilenet_v2_ms.py'
    counts = count([config, config])
    assert counts[config] == read_counts(cli.COUNTS)[config]
    assert '[1/1]' in capsys.readouterr().err


def test_counts_survive_their_file(tmp_path):
    counts = {'a.py': Complexity(3, 4), 'b.py': Complexity(5, 6)}
    path = tmp_path / 'counts.csv'
    path.write_text(write_counts(counts))
    assert read_counts(path) == counts
    path.write_text('config,flops\na.py,many\n')
    with pytest.raises(ValueError, match=r'counts.csv is no table'):
        read_counts(path)


@pytest.fixture(scope='module')
def documents():
    return cli.documents(PAPER, read_counts(cli.COUNTS))


def test_the_documents_are_current(documents):
    """What is made of the published figures is what lies in the repository."""
    old = [
        str(path.relative_to(ROOT))
        for path, content in documents.items()
        if path.suffix != '.png' and (not path.is_file() or path.read_bytes() != content)
    ]
    assert not old, f'{old}: python tools/reproduce.py --update-docs --counts docs/counts.csv'


def test_where_flops_differ_from_the_paper_there_is_a_reason():
    counts = read_counts(cli.COUNTS)
    lines = list(report_lines(PAPER, PAPER.experiments.values(), counts))
    assert all(line.cost for line in lines if line.experiment.networks and line.dataset)
    unexplained = {line.experiment.name for line in lines if line.differs}
    explained = {e.name for e in PAPER.experiments.values() if e.why}
    assert unexplained == explained
    assert set(counts) == set(configs_of(PAPER.experiments.values()))


def test_figures_are_drawn_with_and_without_measurements(documents, tmp_path):
    names = {path.name for path in documents}
    assert {'figure4.png', 'figure5.png'} <= names
    for row in ('p3', 'p15'):
        folder = tmp_path / f'work_dirs/ablations/figure4/{row}/1'
        scalars(folder / '1.json', {'acc/top1': 0.45})
    chosen = PAPER.of_table('figure4')
    lines = list(report_lines(PAPER, chosen, read_counts(cli.COUNTS), tmp_path))
    picture = cli.figures(lines)['figure4.png']
    assert picture.startswith(b'\x89PNG')
    assert picture != next(v for k, v in documents.items() if k.name == 'figure4.png')


def test_command_line(capsys, tmp_path):
    def run(*arguments):
        return main(['reproduce', *arguments])

    assert run('--list', 'table2') == 0
    listed = capsys.readouterr().out
    assert 'table2/TVNet\n    not available: ' in listed
    assert '    Kinetics-400: configs/baselines/rep_flow_r50_k400.py\n' in listed
    assert '    HMDB-51, 3 splits: configs/baselines/rep_flow_r50_hmdb51.py\n' in listed

    counts = ['--counts', str(cli.COUNTS)]
    assert run('table8', *counts, '--out', str(tmp_path / 'new')) == 0
    assert {path.name for path in (tmp_path / 'new').iterdir()} == {'report.md', 'report.csv'}
    capsys.readouterr()
    assert run('table8/CP module', *counts) == 0
    assert '| 5.8 | 5.6' in capsys.readouterr().out

    assert run('table10') == 2
    assert "error: there is no 'table10'" in capsys.readouterr().err
    assert run('--run') == 2
    assert run('--run', 'table1/STM') == 2
    assert 'not available: table1/STM' in capsys.readouterr().err
    (tmp_path / 'few.csv').write_text('config,flops,params\n')
    assert run('table8', '--counts', str(tmp_path / 'few.csv')) == 2
    assert 'lacks configs/' in capsys.readouterr().err


def test_run_trains_tests_and_fuses_in_order(monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(cli.subprocess, 'run', lambda command, **_: ran.append(command))
    assert main(['reproduce', '--run', 'table6/two-stream 8 + (8 x 1)']) == 0
    scripts = [Path(command[1]).relative_to(ROOT).as_posix() for command in ran]
    assert scripts == ['tools/train.py'] * 2 + ['tools/test.py'] * 2 + ['tools/report_accuracy.py']
    assert '[5/5] python tools/report_accuracy.py' in capsys.readouterr().out


def test_an_installed_wheel_runs_its_own_files_in_the_current_folder(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, 'in_wheel', lambda: True)
    monkeypatch.setattr(cli, 'results_folder', Path.cwd)
    folder = tmp_path / 'work_dirs' / 'ablations' / 'table3' / 'ks'
    folder.mkdir(parents=True)
    (folder / 'last_checkpoint').touch()
    ran = []
    monkeypatch.setattr(cli.subprocess, 'run', lambda command, cwd, **_: ran.append((command, cwd)))
    assert main(['reproduce', '--run', 'table3/KS']) == 0
    (train, _), (_, cwd) = ran
    assert cwd == tmp_path
    assert train[1:3] == [
        str(ROOT / 'tools/train.py'),
        str(ROOT / 'configs/ablations/table3/ks.py'),
    ]
    assert train[-1] == '--resume'
    assert main(['reproduce', '--update-docs']) == 2
    assert 'run it from a clone' in capsys.readouterr().err


def test_run_names_the_split_whatever_the_environment_says(monkeypatch):
    """All of the environment is kept, but for the split, of which each command has its own."""
    splits = []

    def ran(command, env, **_):
        assert env['PATH'] == os.environ['PATH']
        splits.append(env['HMDB51_SPLIT'])

    monkeypatch.setenv('HMDB51_SPLIT', '3')
    monkeypatch.setattr(cli.subprocess, 'run', ran)
    row = PAPER.experiments['table2/TSM']
    lines = commands(row, 'hmdb51')
    assert len(lines) == 6
    assert main(['reproduce', '--run', row.name]) == 0
    assert splits[-6:] == ['1', '1', '2', '2', '3', '3']


@pytest.mark.parametrize(('processes', 'rate'), [(1, 0.01 / 8), (4, 0.01 / 2), (8, 0.01)])
def test_the_learning_rate_of_a_clip_is_the_papers(tmp_path, monkeypatch, processes, rate):
    """What mmaction2's train.py and MMEngine make of the command line on so many processes."""
    (line,) = [x for x in commands(KS, 'sthv1', processes) if 'train' in x]
    _, words = split_command(line)
    arguments = words[words.index('--work-dir') :]
    script = Path(mmaction.__file__).parent / '.mim' / 'tools' / 'train.py'
    train = runpy.run_path(str(script))
    config = str(ROOT / 'configs/ablations/table3/ks.py')
    monkeypatch.setattr(sys, 'argv', ['train.py', config, *arguments])
    monkeypatch.setenv('LOCAL_RANK', '0')  # else the script sets it
    cfg = train['merge_args'](Config.fromfile(config), train['parse_args']())
    model = nn.Sequential(nn.Conv2d(3, 4, 1, bias=False), nn.Linear(4, 2))
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    runner = SimpleNamespace(
        _train_dataloader=cfg.train_dataloader,
        world_size=processes,
        logger=MMLogger.get_current_instance(),
        param_schedulers=None,
    )
    Runner.scale_lr(runner, wrapper, cfg.auto_scale_lr)
    assert wrapper.get_lr()['lr'][0] == pytest.approx(rate)
