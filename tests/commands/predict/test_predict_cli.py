"""``python -m msnet_mmaction predict``: what it writes, and what it says of bad input."""

import csv
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from msnet_mmaction.commands.cli import main
from tests.helpers.moving_textures import write_video

CONFIG = 'configs/demo/msnet_r18_motion.py'
NAMES = [f'Klasse {n}, ä' for n in range(8)]


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    torch.manual_seed(0)
    model = MODELS.build(Config.fromfile(CONFIG).model)
    path = tmp_path_factory.mktemp('checkpoint') / 'a b.pth'
    meta = dict(dataset_meta=dict(classes=NAMES))
    torch.save(dict(state_dict=model.state_dict(), meta=meta), path)
    return str(path)


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    root = tmp_path_factory.mktemp('my videos')
    for number in range(2):
        write_video(root / f'{number} ä.mp4', (number, 1), 24)
    return root


def predict(checkpoint, *arguments):
    words = ['predict', CONFIG, checkpoint, *map(str, arguments), '--device', 'cpu']
    return main(words)


def test_csv_with_a_broken_file(checkpoint, videos, tmp_path, capsys):
    (tmp_path / 'text.mp4').write_text('text')
    (tmp_path / 'empty').mkdir()
    (tmp_path / 'list.txt').write_text('text.mp4\nempty\n')
    out = tmp_path / 'predictions.csv'
    arguments = [tmp_path / 'list.txt', videos, '--out', out, '--top', 2]
    assert predict(checkpoint, *arguments, '--batch-size', 2) == 1
    rows = list(csv.reader(out.open(encoding='utf-8')))
    assert rows[0] == ['file', 'class_1', 'score_1', 'class_2', 'score_2']
    assert [row[0] for row in rows[1:]] == [f'{videos}/{n} ä.mp4' for n in (0, 1)]
    assert all(row[1] in NAMES and float(row[2]) >= float(row[4]) > 0 for row in rows[1:])
    captured = capsys.readouterr()
    assert re.search(r'not read: .*text\.mp4: .*text\.mp4 can not be opened', captured.err)
    assert re.search(r'not read: .*empty: .*empty is a folder without pictures', captured.err)
    assert '2 of 4 inputs could not be read' in captured.err
    assert captured.out == ''


def test_a_table_on_the_terminal(checkpoint, videos, capsys):
    assert predict(checkpoint, videos / '0 ä.mp4', '--top', 1) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r'.*/0 ä\.mp4  +\d+\.\d% Klasse \d, ä', line)


def test_names_that_are_no_text(checkpoint, videos, tmp_path, capsys):
    odd = os.fsencode(tmp_path) + b'/\xff.mp4'
    shutil.copy(os.fsencode(videos / '0 ä.mp4'), odd)
    out = tmp_path / 'out.csv'
    assert predict(checkpoint, tmp_path, '--out', out) == 0
    assert odd in out.read_bytes()
    assert predict(checkpoint, tmp_path, '--window', 1) in (0, 1)
    assert predict(checkpoint, tmp_path) == 0
    assert r'\udcff.mp4' in capsys.readouterr().out


def test_windows_segments_and_arrays(checkpoint, videos, tmp_path):
    out = tmp_path / 'windows.jsonl'
    path = videos / '0 ä.mp4'
    options = ['--window', 1, '--out', out]
    arrays = ['--features', tmp_path / 'f.npz', '--motion', tmp_path / 'motion']
    assert predict(checkpoint, path, *options, *arrays, '--top', 9) == 0
    found = [json.loads(line) for line in out.read_text(encoding='utf-8').splitlines()]
    assert [(w['start'], w['end']) for w in found] == [(0, 1), (0.5, 1.5), (1, 2), (1.5, 2)]
    assert sum(one['score'] for one in found[0]['top']) == pytest.approx(1)
    with np.load(tmp_path / 'f.npz') as features:
        assert features['features'].shape == (4, 512)
        assert features['files'].tolist() == [str(path)] * 4
        assert features['end'].tolist() == [1, 1.5, 2, 2]
    assert len(list((tmp_path / 'motion').iterdir())) == 4
    with np.load(tmp_path / 'motion' / '000002_0_ä.npz') as motion:
        assert motion['displacement'].shape == (3, 2, 16, 16)
        assert motion['confidence'].shape == (3, 16, 16)
        np.testing.assert_allclose(motion['times'], 0.5 + np.array([1, 4, 7, 10]) / 12)
        assert str(motion['name']) == str(path)
    assert predict(checkpoint, path, *options, '--segments', '--threshold', 0) == 0
    segments = [json.loads(line) for line in out.read_text(encoding='utf-8').splitlines()]
    assert segments[0]['start'] == 0
    assert segments[-1]['end'] == 2


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['empty'], 'empty holds neither videos nor folders of frames'),
        (['a.mp4', '--out', 'x.xlsx'], r'its suffix is none of \.csv'),
        (['a.mp4', '--out', 'none/x.csv'], 'there is no folder none'),
        (['a.mp4', '--top', '0'], '--top must be positive'),
        (['a.mp4', '--segments'], 'give --window SECONDS as well'),
        (['a.mp4', '--classes', 'none.txt'], "'none.txt' is neither a label map"),
        (['a.mp4', '--features', 'x.csv'], r'writes a \.npz file'),
        (['a.mp4', '--features', 'x.npz', '--layer', 'neck'], "no layer 'neck'"),
        (['a.mp4', '--crops', '3'], 'has no crop that 3 crops'),
        (['list.txt'], r'list\.txt is empty'),
        (['table.csv'], r'table\.csv: its first line must name the columns'),
    ],
)
def test_bad_arguments(checkpoint, tmp_path, monkeypatch, capsys, arguments, message):
    config = str(Path(CONFIG).absolute())
    monkeypatch.chdir(tmp_path)
    Path('empty').mkdir()
    Path('list.txt').touch()
    Path('table.csv').write_text('a,b\n')
    before = sorted(Path().rglob('*'))
    assert main(['predict', config, checkpoint, *arguments, '--device', 'cpu']) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert re.search(message, error)
    assert sorted(Path().rglob('*')) == before


def test_wrong_checkpoints(checkpoint, videos, tmp_path, capsys):
    (tmp_path / 'text.pth').write_text('text')
    torch.save(dict(state_dict={'a': torch.zeros(1)}), tmp_path / 'other.pth')
    for name, message in (
        ('text.pth', r'error: .*text\.pth: not a checkpoint'),
        ('other.pth', r'error: .*other\.pth does not fit this model'),
        ('none.pth', r'error: .*none\.pth: no such file'),
    ):
        out = tmp_path / 'out.csv'
        assert predict(str(tmp_path / name), videos, '--out', out) == 2
        assert re.search(message, capsys.readouterr().err.splitlines()[-1])
        assert not out.exists()
