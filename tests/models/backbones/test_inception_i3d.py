import copy

import pytest
import torch
from mmaction.registry import MODELS

from msnet_mmaction import InceptionI3D

#: Channels after each part (Szegedy et al., CVPR 2015, Table 1, "output size"), and time, height
#: and width for clips of 8 x 224 x 224.
OUTPUTS = {
    'conv1': (64, 8, 112, 112),
    'pool1': (64, 8, 56, 56),
    'conv3': (192, 8, 56, 56),
    'pool2': (192, 8, 28, 28),
    'inc_a': (256, 8, 28, 28),
    'inc_b': (480, 8, 28, 28),
    'pool3': (480, 4, 14, 14),
    'inc_c': (512, 4, 14, 14),
    'inc_d': (512, 4, 14, 14),
    'inc_e': (512, 4, 14, 14),
    'inc_f': (528, 4, 14, 14),
    'inc_g': (832, 4, 14, 14),
    'pool4': (832, 2, 7, 7),
    'inc_h': (832, 2, 7, 7),
    'inc_i': (1024, 2, 7, 7),
}


def shapes_of(network, clip):
    shapes = {}
    for name, part in network.named_children():
        part.register_forward_hook(
            lambda module, args, out, name=name: shapes.update({name: tuple(out.shape[1:])})
        )
    with torch.inference_mode():
        network(clip)
    return shapes


def test_parts_put_out_what_the_papers_say():
    shapes = shapes_of(InceptionI3D().eval(), torch.randn(1, 3, 8, 224, 224))
    assert {name: shapes[name] for name in OUTPUTS} == OUTPUTS
    assert InceptionI3D().conv1.conv.kernel_size == (1, 7, 7)


def test_parameters_are_those_of_i3d():
    # Two streams, of images and of flow, have 25 M (Carreira, Zisserman, CVPR 2017, Table 1); the
    # classifier is of 400 classes, and the first kernel here has one frame instead of seven.
    kernel = 64 * 7 * 7
    stream = sum(p.numel() for p in InceptionI3D().parameters()) + 400 * 1025
    both = 2 * stream + (7 - 1) * kernel * (3 + 2) - kernel
    assert round(both / 1e6) == 25


@pytest.mark.parametrize('frames', [2, 3, 8])
@pytest.mark.parametrize('size', [(32, 48), (36, 52)])
def test_clips_of_any_size(frames, size):
    out = InceptionI3D().eval()(torch.randn(2, 3, frames, *size))
    assert out.shape == (2, 1024, -(-frames // 4), -(-size[0] // 32), -(-size[1] // 32))


def test_takes_a_motion_layer():
    layer = dict(type='MotionSqueeze', in_channels=480, displacement=dict(max_displacement=1))
    network = MODELS.build(
        dict(type='MSNet', backbone=dict(type='InceptionI3D'), layers=dict(inc_b=layer))
    )
    network.init_weights()
    assert InceptionI3D().state_dict().keys() <= network.state_dict().keys()
    calls = []
    network.inc_b.motion.register_forward_hook(lambda m, args, out: calls.append(out.shape))
    clip = torch.randn(1, 3, 4, 32, 48)
    network.eval()
    torch.testing.assert_close(copy.deepcopy(network)(clip), network(clip))
    # Once by the network, once by its copy, whose hook came with it.
    assert calls == [(1, 480, 4, 4, 6)] * 2
