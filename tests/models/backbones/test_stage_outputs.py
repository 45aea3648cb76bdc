"""Channels and layout of a stage, where a config leaves them out."""

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import nn

from msnet_mmaction import MSNet
from msnet_mmaction.models.backbones.known_networks import Facts
from msnet_mmaction.models.backbones.stage_outputs import dry_run, layer_arguments

LAYER = dict(type='MotionSqueeze', displacement=dict(max_displacement=1))
RESNET = dict(type='ResNetTSM', depth=18, num_segments=4, pretrained2d=False)


def test_channels_of_several_stages():
    network = MSNet(RESNET, dict(layer1=LAYER, layer3=LAYER, layer2=dict(LAYER, in_channels=128)))
    found = [network.get_submodule(f'layer{n}.motion').in_channels for n in (1, 2, 3)]
    assert found == [64, 128, 256]


def test_the_network_is_left_as_it_is():
    network = MODELS.build(RESNET)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    outputs = dry_run(network, ['layer2'], (4, 3, 64, 64))
    assert outputs['layer2'].device.type == 'meta'
    assert outputs['layer2'].shape == (4, 128, 8, 8)
    assert network.training
    assert not network.layer2._forward_hooks
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_what_a_config_says_is_kept_and_checked():
    network = MSNet(RESNET, dict(layer2=dict(LAYER, in_channels=64)))
    with pytest.raises(ValueError, match='set in_channels=128'):
        network(torch.randn(4, 3, 32, 32))


@pytest.mark.parametrize(
    ('shape', 'expected'),
    [
        ((8, 128, 28, 28), dict(in_channels=128)),
        ((1, 128, 8, 28, 28), dict(in_channels=128)),
        ((8, 28, 28, 128), dict(in_channels=128, channels_last=True)),
        ((1, 8, 28, 28, 128), dict(in_channels=128, channels_last=True)),
    ],
)
def test_layouts_that_square_frames_tell(shape, expected):
    assert layer_arguments(torch.empty(shape, device='meta'), Facts((1,))) == expected


@pytest.mark.parametrize(
    ('output', 'message'),
    [
        (torch.empty(8, 28, 28, 28), 'cannot be told from rows and columns: give the layer'),
        (torch.empty(8, 197, 768), r'give the layer in_channels=768 and tokens=dict\(grid'),
        (torch.empty(8, 768), 'no feature maps'),
        (dict(a=1), 'puts out a dict, whose layout cannot be known'),
        ((torch.empty(8, 9, 4), (2, 2, 9)), 'puts out a tuple, whose layout'),
    ],
)
def test_layouts_that_cannot_be_known(output, message):
    with pytest.raises(ValueError, match=message):
        layer_arguments(output, Facts((1,)))


def test_frames_of_a_clip_must_be_told():
    with pytest.raises(ValueError, match='set num_segments of MSNet'):
        MSNet(dict(type='ResNet', depth=18), dict(layer2=LAYER))


class Stubborn(BaseModule):
    """A network that runs on values alone, and one of whose stages is not run."""

    def __init__(self):
        super().__init__()
        self.stage, self.unused = nn.Conv2d(3, 8, 1), nn.Conv2d(3, 8, 1)

    def forward(self, x):
        if x.is_meta and x.shape[0] == 2:
            raise RuntimeError('needs values')
        return self.stage(x)


def test_a_network_that_cannot_be_run_so():
    MODELS.register_module(name='Stubborn', module=Stubborn, force=True)
    backbone = dict(type='Stubborn')
    with pytest.raises(
        ValueError, match=r'after stage of Stubborn are not given.*needs values\. G'
    ):
        MSNet(backbone, dict(stage=LAYER), num_segments=2)
    layer = dict(LAYER, in_channels=8)
    assert MSNet(backbone, dict(stage=layer), num_segments=2).stage.motion.in_channels == 8
    with pytest.raises(ValueError, match="'unused' of Stubborn is not run"):
        MSNet(backbone, dict(unused=LAYER), num_segments=3)


def test_frames_that_uniformer_v2_knows():
    small = dict(
        input_resolution=32,
        width=8,
        layers=2,
        heads=1,
        t_size=4,
        return_list=[0, 1],
        n_layers=2,
        n_dim=8,
        n_head=1,
        mlp_dropout=[0.5, 0.5],
        clip_pretrained=False,
    )
    backbone = dict(type='UniFormerV2', **small)
    stage = 'transformer.resblocks.0'
    network = MSNet(backbone, {stage: LAYER})
    assert network.get_submodule(stage).motion.num_segments == 4
    with pytest.raises(ValueError, match=r'UniFormerV2.*is 4, .*is 8'):
        MSNet(backbone, {stage: LAYER}, num_segments=8)
