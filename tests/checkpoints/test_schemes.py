import http.client
import os
import urllib.error

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.model import PretrainedInit
from mmengine.runner import CheckpointLoader

from msnet_mmaction.checkpoints import PUBLISHED, convert, schemes
from tests.helpers.checkpoints import official, torchvision_resnet18


def load(address: str) -> dict:
    return CheckpointLoader.load_checkpoint(f'motionsqueeze://{address}', map_location='cpu')


@pytest.mark.parametrize('zipped', [True, False], ids=['zip', 'torch 1.0'])
@pytest.mark.parametrize('bare', [True, False])
def test_a_file(tmp_path, zipped, bare):
    content = official() if bare else dict(epoch=3, arch='resnet18', state_dict=official())
    path = tmp_path / 'ckpt.best.pth.tar'
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    state_dict = load(str(path))['state_dict']
    expected = convert(official())
    assert state_dict.keys() == expected.keys()
    assert all(torch.equal(state_dict[key], expected[key]) for key in expected)


def test_options(tmp_path):
    path = tmp_path / 'a.pth'
    torch.save(dict(state_dict=official(), meta=dict(epoch=3)), path)
    checkpoint = load(f'{path}?classifier=drop&layout=motionsqueeze')
    assert checkpoint['meta'] == dict(epoch=3)
    assert checkpoint['state_dict'].keys() == convert(official(), classifier='drop').keys()
    with pytest.raises(ValueError, match='torchvision does not know'):
        load(f'{path}?layout=torchvision')
    with pytest.raises(ValueError, match='not clasifier'):
        load(f'{path}?clasifier=drop')


def test_init_cfg(tmp_path):
    path = tmp_path / 'resnet18.pth'
    torch.save(torchvision_resnet18(), path)
    backbone = MODELS.build(dict(type='FastResNetTSM', depth=18))
    PretrainedInit(f'motionsqueeze://{path}', prefix='backbone.')(backbone)
    theirs = torchvision_resnet18()
    assert torch.equal(backbone.conv1.conv.weight, theirs['conv1.weight'])
    shifted = backbone.layer3[1].conv1.conv.net.weight
    assert torch.equal(shifted, theirs['layer3.1.conv1.weight'])


def test_weights_for_optical_flow(tmp_path):
    path = tmp_path / 'resnet18.pth'
    theirs = torchvision_resnet18() | {'conv1.weight': torch.randn(64, 3, 7, 7)}
    torch.save(theirs, path)
    backbone = MODELS.build(dict(type='FastResNetTSM', depth=18, in_channels=10))
    PretrainedInit(f'motionsqueeze://{path}?in_channels=10', prefix='backbone.')(backbone)
    # The same answer to a grey image, whichever of the ten channels it comes in.
    grey = torch.randn(1, 1, 16, 16)
    expected = torch.conv2d(grey.expand(-1, 3, -1, -1), theirs['conv1.weight']) / 3
    for channel in range(10):
        image = torch.zeros(1, 10, 16, 16)
        image[:, channel : channel + 1] = grey
        found = torch.conv2d(image, backbone.conv1.conv.weight)
        torch.testing.assert_close(found, expected)
    assert torch.equal(backbone.layer1[0].conv2.conv.weight, theirs['layer1.0.conv2.weight'])


@pytest.mark.parametrize('number', ['0', '-2', 'ten', ''])
def test_a_wrong_number_of_channels(tmp_path, number):
    path = tmp_path / 'resnet18.pth'
    torch.save(torchvision_resnet18(), path)
    with pytest.raises(ValueError, match=f"positive number, got '{number}'"):
        load(f'{path}?in_channels={number}')


def test_channels_of_a_checkpoint_without_a_first_convolution(tmp_path):
    path = tmp_path / 'part.pth'
    torch.save({'backbone.layer1.0.conv1.conv.weight': torch.zeros(1)}, path)
    with pytest.raises(ValueError, match=r'part\.pth: in_channels needs backbone\.conv1'):
        load(f'{path}?in_channels=2')


@pytest.mark.parametrize(
    'name', ['torchvision/resnet18', 'tsm/tsm_r50_1x1x8_50e_sthv1_rgb', 'https://host/a.pth']
)
def test_names_and_urls_go_on_to_mmengine(monkeypatch, name):
    asked = []

    def from_http(url: str, map_location: str) -> dict:
        asked.append((url, map_location))
        return torchvision_resnet18()

    monkeypatch.setitem(CheckpointLoader._schemes, 'https://', from_http)
    assert 'backbone.conv1.conv.weight' in load(name)['state_dict']
    assert asked == [(PUBLISHED.get(name, name), 'cpu')]


@pytest.mark.parametrize(
    ('address', 'message'),
    [
        ('nowhere/a.pth', r'^nowhere/a\.pth: no such file$'),
        ('nowhere/a.pth?classifier=drop', r'^nowhere/a\.pth: no such file$'),
        (
            'torchvision/resnet52',
            r'^torchvision/resnet52: no such file, nor .*torchvision/resnet50',
        ),
    ],
)
def test_a_missing_file(address, message):
    with pytest.raises(FileNotFoundError, match=message):
        load(address)


@pytest.mark.parametrize('content', [[1], dict(), dict(state_dict=[1]), dict(epoch=1)])
def test_not_a_checkpoint(tmp_path, content):
    torch.save(content, tmp_path / 'a.pth')
    with pytest.raises(ValueError, match=r'a\.pth: not a checkpoint'):
        load(str(tmp_path / 'a.pth'))


@pytest.mark.parametrize(
    'content', ['epoch 1', 'hello', 'version https://git-lfs', '{}', '0', 'R', 'some text', '\x80']
)
def test_a_text_file(tmp_path, content):
    (tmp_path / 'a.pth').write_text(content, encoding='latin-1')
    with pytest.raises(ValueError, match=r'^.*a\.pth.*not a checkpoint'):
        load(str(tmp_path / 'a.pth'))


@pytest.mark.parametrize(
    'error',
    [
        urllib.error.URLError('Name or service not known'),
        urllib.error.HTTPError('https://host', 404, 'Not Found', None, None),
        TimeoutError('timed out'),
        ConnectionResetError('reset by peer'),
        http.client.IncompleteRead(b''),
    ],
    ids=lambda error: type(error).__name__,
)
def test_without_a_network(monkeypatch, error):
    def from_http(url: str, map_location: str) -> dict:
        raise error

    monkeypatch.setitem(CheckpointLoader._schemes, 'https://', from_http)
    with pytest.raises(ConnectionError) as caught:
        load('torchvision/resnet18')
    message = str(caught.value)
    assert '\n' not in message
    assert 'https://download.pytorch.org/models/resnet18-f37072fd.pth' in message
    assert os.path.join('checkpoints', 'resnet18-f37072fd.pth') in message
    assert caught.value.__suppress_context__


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return os.mkdir, (self.path,)


def test_no_code_is_run_even_where_the_default_is_off(tmp_path, monkeypatch):
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    path, marker = tmp_path / 'evil.pth', tmp_path / 'marker'
    torch.save(dict(state_dict=official(), meta=Touch(str(marker))), path)
    with pytest.raises(ValueError, match=r'evil\.pth: not a checkpoint that is safe to load'):
        load(str(path))
    assert not marker.exists()
    assert os.environ['TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD'] == '1'
    assert 'TORCH_FORCE_WEIGHTS_ONLY_LOAD' not in os.environ
    assert schemes.SCHEME in CheckpointLoader._schemes
