"""visualize, motion-quality and cam as a user calls them, rightly and wrongly."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from msnet_mmaction.commands.cli import main
from msnet_mmaction.commands.demo.motion_data import encode

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / 'configs' / 'demo' / 'msnet_r18_motion.py'


def call(tool, *words):
    """A command with these words; its exit status."""
    return main([tool, *map(str, words)])


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """A video, a folder with what is no video, and checkpoints that fit and do not."""
    folder = tmp_path_factory.mktemp('files')
    rng = np.random.default_rng(0)
    # A soft picture that moves to the right.
    picture = cv2.GaussianBlur(rng.integers(0, 255, (48, 96, 3), dtype=np.uint8), (0, 0), 3)
    frames = np.stack([np.roll(picture, 2 * n, axis=1) for n in range(8)])
    (folder / 'clip.mp4').write_bytes(encode(frames, 'mp4'))
    (folder / 'one.mp4').write_bytes(encode(frames[:1], 'mp4'))
    (folder / 'text.mp4').write_text('no video')
    (folder / 'empty.mp4').touch()
    (folder / 'videos').mkdir()
    for name in ('a.mp4', 'b.mp4'):
        (folder / 'videos' / name).touch()
    cfg = Config.fromfile(CONFIG)
    torch.save(dict(state_dict=MODELS.build(cfg.model).state_dict()), folder / 'own.pth')
    cfg.model.backbone.layers = {}
    torch.save(dict(state_dict=MODELS.build(cfg.model).state_dict()), folder / 'plain.pth')
    return folder


@pytest.fixture
def model(files):
    return ['--config', CONFIG, '--checkpoint', files / 'own.pth']


def test_figures_and_films(files, model, tmp_path, capsys):
    label_map = tmp_path / 'label_map.txt'
    label_map.write_text('\n'.join(f'name{n}' for n in range(8)))
    words = ['--formats', 'png', 'pdf', 'mp4', 'gif', '--resolution', 56, '--tvl1']
    words += ['--label-map', label_map, '--max-frames', 5, '--width', 400]
    assert call('visualize', files / 'clip.mp4', *model, '--out', tmp_path / 'out', *words) == 0
    written = {path.name for path in (tmp_path / 'out').iterdir()}
    assert written == {'clip.png', 'clip.pdf', 'clip.mp4', 'clip.gif'}
    assert 'clip 2 of 2' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('video', 'words', 'message'),
    [
        ('no.mp4', [], 'no.mp4: no such video'),
        ('text.mp4', [], 'text.mp4 can not be opened'),
        ('empty.mp4', [], 'empty.mp4 is an empty file'),
        ('one.mp4', [], 'one.mp4 has 1 frames: motion needs two'),
        ('videos', [], 'videos is a folder without pictures'),
        ('videos', [], 'in it are a.mp4, b.mp4. A folder holds the frames of one video'),
        ('clip.mp4', ['--checkpoint', 'plain.pth'], 'plain.pth does not fit this model'),
        ('clip.mp4', ['--checkpoint', 'text.mp4'], 'text.mp4: not a checkpoint'),
        ('clip.mp4', ['--checkpoint', 'no.pth'], 'no.pth: no such file'),
        ('clip.mp4', ['--config', 'no.py'], 'no.py: no such config'),
        ('clip.mp4', ['--layers', 'backbone.layer3'], 'backbone.layer3 is not among them'),
        ('clip.mp4', ['--frames', '1', '2'], 'takes 4 frames'),
        ('clip.mp4', ['--frames', '1', '2', '3', '99'], 'there are no frames [1, 2, 3, 99]'),
        ('clip.mp4', ['--formats', 'gif', '--step', '5'], '2 at a step of 5'),
        ('clip.mp4', ['--resolution', 'half'], "or a number, not 'half'"),
        ('clip.mp4', ['--label-map', 'no.txt'], 'no.txt: no such file of class names'),
        ('clip.mp4', ['clip.mp4'], 'written to one name: clip'),
    ],
)
def test_wrong_input_is_one_line_and_leaves_nothing(
    files, model, tmp_path, monkeypatch, capsys, video, words, message
):
    monkeypatch.chdir(files)
    given = [video, *(word for word in words if word == 'clip.mp4')]
    options = [word for word in words if word != 'clip.mp4']
    status = call('visualize', *given, *model, '--out', tmp_path / 'out', *options)
    (line,) = [s for s in capsys.readouterr().err.splitlines() if s.startswith('error')]
    assert status == 2
    assert message in line
    assert not list(tmp_path.glob('out/*'))


def test_a_network_without_such_a_layer(files, tmp_path, capsys):
    plain = ROOT / 'configs' / 'demo' / 'resnet18_motion.py'
    words = ['--config', plain, '--checkpoint', files / 'plain.pth', '--out', tmp_path / 'out']
    for tool, video in (('visualize', []), ('motion-quality', ['--footage'])):
        assert call(tool, *video, files / 'clip.mp4', *words) == 2
        assert 'that estimate motion are (none)' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_quality_on_footage(files, model, tmp_path, capsys):
    words = ['--footage', files / 'clip.mp4', '--gap', 2, '--footage-clips', 1]
    assert call('motion-quality', *model, *words, '--out', tmp_path) == 0
    assert '| zero motion |' in capsys.readouterr().out
    results = json.loads((tmp_path / 'quality.json').read_text())
    assert set(results['footage']) == {'trained', 'untrained', 'zero motion'}
    assert (tmp_path / 'footage.png').is_file()


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        ([], 'nothing to measure on'),
        (['--data', 'nothing'], 'nothing is no generated data set'),
        (['--footage', 'text.mp4'], 'text.mp4 can not be opened'),
        (['--footage', 'clip.mp4', '--gap', '9'], 'has 8 frames: too few'),
        (['--footage', 'clip.mp4', '--gap', '0'], 'must be positive'),
    ],
)
def test_what_cannot_be_measured(files, model, tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(files)
    assert call('motion-quality', *model, *words, '--out', tmp_path / 'out') == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.glob('out/*'))


def test_class_activation(files, tmp_path, monkeypatch):
    """mmaction2's vis_cam.py, by our tool: a GIF of the frames that the network was given."""
    from PIL import Image

    out = tmp_path / 'cam.gif'
    words = ['--device', 'cpu', '--target-layer-name', 'backbone/layer1/motion']
    words += ['--out-filename', out]
    monkeypatch.setattr(sys, 'argv', sys.argv)
    assert call('cam', CONFIG, files / 'own.pth', files / 'clip.mp4', *words) == 0
    with Image.open(out) as gif:
        assert gif.size == (64, 64)
        assert gif.n_frames == 4
