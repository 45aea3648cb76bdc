import pytest
import torch
from mmaction.models.backbones.mobilenet_v2 import MobileNetV2
from mmaction.registry import MODELS

from msnet_mmaction import MotionSqueeze, WideStemMobileNetV2

TABLE_10 = [
    # The paper's stage; the module that ends it here; channels; size of the output from 224.
    ('stage1', 'conv1', 32, 112),
    ('stage2', 'layer2', 24, 56),
    ('stage3', 'layer3', 32, 28),
    ('stage4', 'layer5', 96, 14),
    ('stage5', 'conv2', 1280, 7),
]


@pytest.mark.parametrize(('stage', 'name', 'channels', 'size'), TABLE_10)
def test_stages_are_those_of_table_10(stage, name, channels, size):
    network = WideStemMobileNetV2().eval()
    shapes = []
    network.get_submodule(name).register_forward_hook(lambda m, a, out: shapes.append(out.shape))
    with torch.inference_mode():
        network(torch.randn(1, 3, 224, 224))
    assert shapes == [(1, channels, size, size)], stage
    assert network.conv1.conv.weight.shape == (32, 3, 7, 7)


def test_blocks_are_those_of_table_10():
    network = WideStemMobileNetV2()
    found = []
    for name in network.layers[:-1]:
        blocks = getattr(network, name)
        last = blocks[-1].conv
        expansion = 1 if len(last) == 2 else last[0].out_channels // last[0].in_channels
        found.append((expansion, last[-1].out_channels, len(blocks)))
    assert found == [
        (1, 16, 1),
        (6, 24, 2),
        (6, 32, 3),
        (6, 64, 4),
        (6, 96, 3),
        (6, 160, 3),
        (6, 320, 1),
    ]


@pytest.mark.parametrize('way', ['load_state_dict', 'init_cfg'])
def test_starts_as_exactly_the_published_network(way, tmp_path):
    # Weights of the layout of mmaction2's and mmpretrain's, which have the 3 x 3 stem.
    plain = MobileNetV2()
    plain.eval()
    path = tmp_path / 'mobilenet_v2.pth'
    torch.save(plain.state_dict(), path)
    if way == 'load_state_dict':
        network = WideStemMobileNetV2()
        network.load_state_dict(plain.state_dict())
    else:
        network = WideStemMobileNetV2(init_cfg=dict(type='Pretrained', checkpoint=str(path)))
        network.init_weights()
    network.eval()
    assert plain.conv1.conv.weight.shape[-1] == 3
    x = torch.randn(2, 3, 62, 70)
    torch.testing.assert_close(network(x), plain(x))


def test_own_checkpoints_load_as_they_are():
    network, again = WideStemMobileNetV2(), WideStemMobileNetV2()
    again.load_state_dict(network.state_dict())
    assert torch.equal(again.conv1.conv.weight, network.conv1.conv.weight)


def test_takes_a_motion_layer_without_a_reduction():
    layer = dict(type='MotionSqueeze', in_channels=32, reduced_channels=None)
    network = MODELS.build(
        dict(
            type='MSNet',
            backbone=dict(type='WideStemMobileNetV2'),
            layers=dict(layer3=layer),
            num_segments=2,
        )
    )
    assert isinstance(network.layer3.motion, MotionSqueeze)
    assert not list(network.layer3.motion.reduction.parameters())
    assert WideStemMobileNetV2().state_dict().keys() <= network.state_dict().keys()
    assert network(torch.randn(4, 3, 64, 96)).shape == (4, 1280, 2, 3)
