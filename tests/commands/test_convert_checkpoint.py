import pytest
import torch
from mmengine.runner import load_checkpoint

from msnet_mmaction.checkpoints import convert
from msnet_mmaction.commands.cli import main
from msnet_mmaction.datasets import load_classes
from msnet_mmaction.models.backbones import FastResNetTSM
from tests.helpers.checkpoints import official, torchvision_resnet18


@pytest.fixture
def tool():
    """Run the tool on arguments; its exit code."""
    return lambda *args: main(['convert', *map(str, args)])


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


def test_a_classifier_in_the_other_order(tool, tmp_path, capsys):
    csv_order = load_classes('sthv1')
    weight = torch.arange(174.0)[:, None].repeat(1, 512)  # each row says its label
    src, there, back = (tmp_path / name for name in ('a.pth', 'b.pth', 'c.pth'))
    other = torch.randn(3)
    state_dict = {
        'backbone.conv1.conv.weight': other,
        'cls_head.fc_cls.weight': weight,
        'cls_head.fc_cls.bias': weight[:, 0],
    }
    torch.save(dict(state_dict=state_dict), src)
    assert tool(src, there, '--classes-from', 'sthv1', '--classes-to', 'sthv1-by-name') == 0
    assert 'classes: from the order of sthv1 to that of sthv1-by-name' in capsys.readouterr().out
    written = torch.load(there)['state_dict']
    for label, name in enumerate(sorted(csv_order)):
        assert written['cls_head.fc_cls.bias'][label] == csv_order.index(name)
        assert (written['cls_head.fc_cls.weight'][label] == csv_order.index(name)).all()
    assert torch.equal(written['backbone.conv1.conv.weight'], other)

    assert tool(there, back, '--classes-from', 'sthv1-by-name', '--classes-to', 'sthv1') == 0
    assert torch.equal(torch.load(back)['state_dict']['cls_head.fc_cls.weight'], weight)


@pytest.mark.parametrize(
    ('classes', 'message'),
    [
        (('sthv1', 'k400'), "'sthv1' and 'k400' are not the same classes"),
        (('hmdb51', 'hmdb51-by-name'), "the classifier has 174 classes, 'hmdb51' has 51"),
        (('sthv1', 'sthv3'), "'sthv3' is neither"),
    ],
)
def test_orders_that_do_not_fit(tool, tmp_path, capsys, classes, message):
    src, dst = tmp_path / 'a.pth', tmp_path / 'b.pth'
    state_dict = {'backbone.a': torch.zeros(1), 'cls_head.fc_cls.weight': torch.zeros(174, 512)}
    torch.save(dict(state_dict=state_dict), src)
    assert tool(src, dst, '--classes-from', classes[0], '--classes-to', classes[1]) == 2
    assert message in capsys.readouterr().err
    assert not dst.exists()
