"""timm, torchvision and mmpretrain: packages of these names that build small networks."""

import copy
import pickle
import sys
import types

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.registry import Registry
from torch import nn

from msnet_mmaction import MSNet

LAYER = dict(type='MotionSqueeze', zero_init=True, displacement=dict(max_displacement=1))


class Images(nn.Module):
    """A small network for images."""

    def __init__(self, num_classes=10, width=8):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, 2, 1)
        self.layer1 = nn.Sequential(nn.Conv2d(width, 2 * width, 3, 2, 1), nn.ReLU())
        self.fc = nn.Linear(2 * width, num_classes) if num_classes else nn.Identity()

    def init_weights(self):
        raise AssertionError('this would overwrite pretrained weights')

    def forward(self, x):
        return self.fc(self.layer1(self.conv1(x)).mean((2, 3)))


class Tuples(nn.Module):
    """A backbone that puts out a tuple, as those of mmpretrain."""

    def __init__(self):
        super().__init__()
        self.stage = nn.Sequential(nn.Conv2d(3, 8, 3, 4, 1))

    def forward(self, x):
        return (self.stage(x),)


@pytest.fixture
def packages(monkeypatch):
    def package(name, **content):
        module = types.ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    package(
        'timm',
        __version__='1',
        is_model=lambda n: n == 'small',
        create_model=lambda n, **k: Images(**k),
    )
    models = package('torchvision.models', small=lambda **k: Images(**k))
    package('torchvision', models=models)
    package('mmpretrain.models')
    package('mmpretrain')
    registry = Registry('model', scope='mmpretrain', parent=MODELS.root)
    registry.register_module(name='Tuples', module=Tuples)
    yield
    MODELS.root.children.pop('mmpretrain')


def small(kind, stage='layer1', **backbone):
    return MSNet(dict(type=kind, **backbone), {stage: LAYER}, num_segments=2)


@pytest.mark.parametrize('kind', ['timm.small', 'torchvision.small'])
def test_networks_for_images(kind, packages):
    torch.manual_seed(0)
    network = small(kind)
    plain = Images(num_classes=0)
    assert type(network) is Images
    assert isinstance(network.fc, nn.Identity)
    added = network.state_dict().keys() - plain.state_dict().keys()
    assert added
    assert all(key.startswith('layer1.motion.') for key in added)
    plain.load_state_dict(network.state_dict(), strict=False)
    x = torch.randn(4, 3, 16, 16)
    network.eval()
    for each in (network, copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
        assert torch.equal(each(x), plain(x)[:, :, None, None])


def test_initialisation_keeps_their_weights(packages):
    network = MODELS.build(
        dict(
            type='MotionRecognizer2D',
            backbone=dict(
                type='MSNet',
                backbone=dict(type='timm.small'),
                layers=dict(layer1=LAYER),
                num_segments=2,
            ),
            cls_head=dict(type='TSMHead', num_segments=2, num_classes=3, in_channels=16),
        )
    )
    before = copy.deepcopy(network.backbone.conv1.state_dict())
    nn.init.ones_(network.backbone.layer1.motion.transform[-1].pointwise.bn.weight)
    network.init_weights()
    assert not network.backbone.layer1.motion.transform[-1].pointwise.bn.weight.any()
    after = network.backbone.conv1.state_dict()
    assert all(torch.equal(after[key], value) for key, value in before.items())
    scores = network(torch.randn(2, 2, 3, 16, 16), mode='tensor', stage='head')
    assert scores.shape == (2, 3)


def test_networks_of_mmpretrain(packages):
    network = small('mmpretrain.Tuples', 'stage')
    assert network(torch.randn(4, 3, 16, 16)).shape == (4, 8, 4, 4)


def test_the_config_is_left_as_it_is(packages):
    backbone = dict(type='timm.small', width=4)
    MSNet(backbone, dict(layer1=LAYER), num_segments=2)
    assert backbone == dict(type='timm.small', width=4)


@pytest.mark.parametrize(
    ('backbone', 'error', 'message'),
    [
        (dict(type='timm.large'), ValueError, "timm 1 has no model 'large'"),
        (dict(type='torchvision.large'), ValueError, "torchvision.models has no 'large'"),
        (dict(type='timm.small', feature_shape='NCHW'), ValueError, "leave 'feature_shape' out"),
    ],
)
def test_names_that_do_not_exist(backbone, error, message, packages):
    with pytest.raises(error, match=message):
        MSNet(backbone, dict(layer1=LAYER), num_segments=2)


@pytest.mark.parametrize('source', ['timm', 'torchvision', 'mmpretrain'])
def test_a_package_that_is_not_there(source, monkeypatch):
    for name in (source, f'{source}.models'):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=rf'{source}.* needs {source}, which cannot be imported'):
        MSNet(dict(type=f'{source}.small'), {})
