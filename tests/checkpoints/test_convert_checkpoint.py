import importlib.util
import sys
from pathlib import Path

import pytest
import torch
from mmengine.runner import load_checkpoint

from msnet_mmaction.backbones import FastResNetTSM
from msnet_mmaction.checkpoints import convert

from .files import official, torchvision_resnet18

TOOL = Path(__file__).parents[2] / 'tools' / 'convert_checkpoint.py'


@pytest.fixture
def tool(monkeypatch):
    """Run the tool on arguments; its exit code."""
    spec = importlib.util.spec_from_file_location('convert_checkpoint', TOOL)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, 'path', sys.path[:])
    spec.loader.exec_module(module)

    def run(*args: object) -> int:
        monkeypatch.setattr(sys, 'argv', ['convert_checkpoint.py', *map(str, args)])
        return module.main()

    return run


def test_writes_what_mmengine_loads(tool, tmp_path, capsys):
    src, dst = tmp_path / 'a.pth.tar', tmp_path / 'b.pth'
    torch.save(dict(epoch=1, state_dict=official()), src)
    assert tool(src, dst) == 0
    out = capsys.readouterr().out
    assert 'layout: motionsqueeze' in out
    assert 'keys used: 176 of 181' in out
    assert 'dead keys: 5\n  module.base_model.bn2.weight' in out

    assert sorted(path.name for path in tmp_path.iterdir()) == ['a.pth.tar', 'b.pth']
    written = torch.load(dst, weights_only=True)
    assert written['meta']['converted_from'] == dict(source='a.pth.tar', layout='motionsqueeze')
    assert written['state_dict'].keys() == convert(official()).keys()


def test_an_imagenet_network_fits_our_shifted_backbone(tool, tmp_path):
    src, dst = tmp_path / 'a.pth', tmp_path / 'b.pth'
    torch.save(torchvision_resnet18(), src)
    assert tool(src, dst, '--layout', 'torchvision') == 0
    model = torch.nn.Module()
    model.backbone = FastResNetTSM(depth=18)
    load_checkpoint(model, str(dst), strict=True)


def test_drops_the_classifier(tool, tmp_path, capsys):
    src, dst = tmp_path / 'a.pth', tmp_path / 'b.pth'
    torch.save(official(), src)
    assert tool(src, dst, '--drop-classifier') == 0
    assert 'dropped with the classifier: 2' in capsys.readouterr().out
    assert not any(key.startswith('cls_head.') for key in torch.load(dst)['state_dict'])


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (None, 'no such file'),
        (b'not a checkpoint', 'a.pth: not a checkpoint'),
        (b'', 'a.pth: not a checkpoint'),
        (dict(state_dict=pytest.fail), 'Unsupported global'),
        ([1], 'a.pth: not a checkpoint'),
        (dict(state_dict=dict(odd=torch.zeros(1))), 'keys of none of the layouts'),
        ({'backbone.a': torch.zeros(1), 'odd': torch.zeros(1)}, 'does not know: odd'),
    ],
)
def test_errors_are_one_line(tool, tmp_path, capsys, content, message):
    src, dst = tmp_path / 'a.pth', tmp_path / 'b.pth'
    if isinstance(content, bytes):
        src.write_bytes(content)
    elif content is not None:
        torch.save(content, src)
    assert tool(src, dst) == 2
    captured = capsys.readouterr()
    assert captured.out == ''
    assert len(captured.err.splitlines()) == 1
    assert message in captured.err
    assert not dst.exists()


def test_a_missing_folder(tool, tmp_path, capsys):
    src = tmp_path / 'a.pth'
    torch.save(official(), src)
    assert tool(src, tmp_path / 'nowhere' / 'b.pth') == 2
    assert 'nowhere: no such folder' in capsys.readouterr().err
