"""A recogniser as one file: what it computes, and what is refused."""

import re
import sys

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from msnet_mmaction import optimize_for_inference
from msnet_mmaction.apis import load_recognizer
from msnet_mmaction.commands.cli import main
from msnet_mmaction.commands.demo.motion_data import encode
from msnet_mmaction.commands.export.check import ExportError, check_scores, generated_clips
from msnet_mmaction.commands.export.clip_scores import ClipScores, reference_scores
from msnet_mmaction.commands.export.formats import FORMATS
from msnet_mmaction.commands.export.inputs import frames_shape
from msnet_mmaction.datasets import ClipReader, VideoFrames
from tests.helpers.processes import ROOT, run

CONFIG = 'configs/demo/msnet_r18_motion.py'
SHAPE = (4, 64, 64, 3)


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    """Of a network whose scores differ, as those of a trained one do."""
    torch.manual_seed(0)
    model = load_recognizer(CONFIG, None, 'cpu')
    model.cls_head.fc_cls.weight.data.mul_(100)
    path = tmp_path_factory.mktemp('a folder') / 'weights.pth'
    torch.save(dict(state_dict=model.state_dict()), path)
    return path


@pytest.fixture
def video(tmp_path):
    frames = np.random.default_rng(0).integers(0, 255, (11, 6, 8, 3), dtype=np.uint8)
    path = tmp_path / 'a video.mp4'
    path.write_bytes(encode(frames.repeat(16, 1).repeat(16, 2), 'mp4'))
    return path


def clips_of(count, shape=SHAPE):
    source = torch.Generator().manual_seed(count)
    return torch.randint(0, 256, (count, *shape), dtype=torch.uint8, generator=source)


@pytest.mark.parametrize('options', [[], ['--optimize'], ['--frames', 'normalized']], ids=' '.join)
@pytest.mark.parametrize('name', FORMATS)
def test_scores_of_the_file_are_those_of_the_test(name, options, checkpoint, tmp_path, capsys):
    if name == 'onnx':
        pytest.importorskip('onnx')
        pytest.importorskip('onnxruntime')
    out = tmp_path / f'network{FORMATS[name].suffix}'
    command = ['export', CONFIG, str(checkpoint), str(out), '--format', name, *options]
    assert main(command) == 0
    assert 'input:   frames (N, 4, 64, 64, 3), ' in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    model, run_file = load_recognizer(CONFIG, checkpoint, 'cpu'), FORMATS[name].load(out)
    for count in (1, 2, 5):
        frames = clips_of(count)
        expected = reference_scores(model, frames)
        assert expected.shape == (count, 8)
        torch.testing.assert_close(expected.sum(1), torch.ones(count))
        if '--frames' in options:
            frames = (frames.float() - model.data_preprocessor.mean.flatten()) / (
                model.data_preprocessor.std.flatten()
            )
        torch.testing.assert_close(run_file(frames), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize('name', FORMATS)
def test_3d_recognisers(name, tmp_path):
    if name == 'onnx':
        pytest.importorskip('onnx')
        pytest.importorskip('onnxruntime')
    torch.manual_seed(0)
    cfg = Config.fromfile(ROOT / 'configs' / 'ablations' / 'figure5' / 'i3d_ms.py')
    cfg.model.cls_head.num_classes = 5
    model = MODELS.build(cfg.model).eval()
    assert frames_shape(model, cfg.test_dataloader.dataset.pipeline) == (8, 224, 224, 3)
    shape = (4, 64, 96, 3)
    path = tmp_path / f'network{FORMATS[name].suffix}'
    network = ClipScores(model).eval()
    FORMATS[name].write(network, torch.zeros(2, *shape, dtype=torch.uint8), path)
    check_scores(FORMATS[name].load(path), model, generated_clips(shape), normalize=True)


def test_a_file_that_computes_something_else_is_refused(checkpoint):
    model = load_recognizer(CONFIG, checkpoint, 'cpu')
    network = ClipScores(model).eval()
    assert check_scores(network, model, generated_clips(SHAPE), normalize=True) < 1e-5
    with pytest.raises(ExportError, match='on noise its scores differ by up to'):
        check_scores(lambda x: network(x).flip(1), model, generated_clips(SHAPE), normalize=True)
    with pytest.raises(ExportError, match='differ by up to nan'):
        check_scores(
            lambda x: network(x) * float('nan'), model, generated_clips(SHAPE), normalize=True
        )


def test_nothing_is_left_where_the_check_fails(checkpoint, tmp_path, capsys, monkeypatch):
    form = FORMATS['torch-export']
    monkeypatch.setitem(
        FORMATS, 'torch-export', form._replace(load=lambda path: lambda x: torch.zeros(len(x), 8))
    )
    out = tmp_path / 'network.pt2'
    command = ['export', CONFIG, str(checkpoint), str(out), '--format', 'torch-export']
    assert main(command) == 2
    assert 'Nothing is written' in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['{config}', '{checkpoint}', '{out}/a.pth'], r'a file of --format onnx ends in \.onnx'),
        (['{config}', '{checkpoint}', '{out}/no/a.onnx'], 'no: no such folder'),
        (['{config}', '{out}/no.pth', '{out}/a.onnx'], r'no\.pth'),
        (['no.py', '{checkpoint}', '{out}/a.onnx'], r'no\.py: no such config'),
        (['{config}', '{checkpoint}', '{out}/a.onnx', '--size', '0', '64'], 'must be positive'),
        (['{config}', '{checkpoint}', '{out}/a.onnx', '--videos', '{out}/no.mp4'], r'no\.mp4: no'),
        (
            ['configs/msnet_r18_sthv1.py', '{checkpoint}', '{out}/a.onnx'],
            r'weights\.pth',
        ),
    ],
)
def test_wrong_arguments(arguments, message, checkpoint, tmp_path, capsys):
    pytest.importorskip('onnxruntime')
    places = dict(config=CONFIG, checkpoint=checkpoint, out=tmp_path)
    assert main(['export', *(word.format(**places) for word in arguments)]) == 2
    (line,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith('error: ')]
    assert re.search(message, line)
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_named(checkpoint, tmp_path, capsys, monkeypatch):
    form = FORMATS['onnx']
    monkeypatch.setitem(FORMATS, 'onnx', form._replace(packages=('onnx', 'no_such_package')))
    assert main(['export', CONFIG, str(checkpoint), str(tmp_path / 'a.onnx')]) == 2
    assert 'no_such_package must be installed' in capsys.readouterr().err


def test_the_frames_of_a_config():
    model = load_recognizer(CONFIG, None, 'cpu')
    pipeline = model.cfg.test_dataloader.dataset.pipeline
    assert frames_shape(model, pipeline) == SHAPE
    assert frames_shape(model, pipeline, (32, 48)) == (4, 32, 48, 3)
    keeps_ratio = [dict(type='Resize', scale=(-1, 64))]
    with pytest.raises(ValueError, match='give --size H W'):
        frames_shape(model, keeps_ratio)
    # MMAction2 says the width first.
    assert frames_shape(model, [dict(type='CenterCrop', crop_size=(96, 64))])[1:3] == (64, 96)


def test_the_script_of_the_tutorial(checkpoint, video, tmp_path):
    """It runs by itself, and sees a video as the test pipeline does."""
    pytest.importorskip('onnxruntime')
    page = (ROOT / 'docs' / 'tutorials' / 'deploy.md').read_text()
    (script,) = [x for x in re.findall(r'```python\n(.*?)```', page, re.S) if 'sys.argv' in x]
    assert not re.search(r'import (torch|msnet_mmaction|mmaction)', script)
    (tmp_path / 'classify.py').write_text(script)
    (tmp_path / 'names.txt').write_text('\n'.join(f'name {n}' for n in range(8)))
    network = tmp_path / 'network.onnx'
    command = ['export', CONFIG, str(checkpoint), str(network), '--videos', str(video)]
    assert main(command) == 0
    printed = run(sys.executable, 'classify.py', network, video, 'names.txt', cwd=tmp_path)
    found = {name: float(score) for score, name in re.findall(r'(\S+) (name \d)', printed)}
    assert len(found) == 5

    # The same clip, read and resized by this package.
    pipeline = [
        dict(type='SegmentSampleFrames', clip_len=1, num_clips=4, test_mode=True),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(91, 69), keep_ratio=False),
        dict(type='CenterCrop', crop_size=64),
        dict(type='FormatShape', input_format='NCHW'),
        dict(type='PackActionInputs'),
    ]
    reader, frames = ClipReader(pipeline, 4), VideoFrames(video)
    clip = torch.from_numpy(reader.read(frames, reader.sample(frames)).frames)[None]
    expected = reference_scores(load_recognizer(CONFIG, checkpoint, 'cpu'), clip)[0]
    best = expected.argsort(descending=True)[:5].tolist()
    assert next(iter(found)) == f'name {best[0]}'
    for name, score in found.items():
        assert score == pytest.approx(expected[int(name[-1])].item(), abs=0.05)


def test_the_copy_for_inference_exports_with_any_batch():
    model = load_recognizer(CONFIG, None, 'cpu')
    network = ClipScores(optimize_for_inference(model)).eval()
    free = {'frames': {0: torch.export.Dim('clips', min=1)}}
    program = torch.export.export(network, (clips_of(2),), dynamic_shapes=free)
    assert program.module()(clips_of(3)).shape == (3, 8)
