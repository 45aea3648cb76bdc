import pytest
import torch
from mmaction.models import ResNetTSM
from mmaction.models.backbones.resnet_tsm import TemporalShift

from msnet_mmaction import FastResNetTSM


def pair(depth=18, **kwargs):
    torch.manual_seed(0)
    theirs = ResNetTSM(depth, num_segments=4, pretrained2d=False, **kwargs)
    theirs.init_weights()
    ours = FastResNetTSM(depth, num_segments=4, **kwargs)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return theirs, ours


@pytest.mark.parametrize('depth', [18, 50, 101])
@pytest.mark.parametrize('kwargs', [{}, dict(shift_div=4), dict(out_indices=(1, 3))])
def test_equals_mmaction2s(depth, kwargs):
    theirs, ours = pair(depth, **kwargs)
    theirs.eval()
    x = torch.randn(8, 3, 64, 96)
    with torch.inference_mode():
        expected, found = theirs(x), ours.eval()(x)
    if not isinstance(expected, tuple):
        expected, found = (expected,), (found,)
    for a, b in zip(found, expected, strict=True):
        assert (a - b).abs().max() < 2e-5 * b.abs().max()


@pytest.mark.parametrize('depth', [18, 50])
def test_gradients_equal_mmaction2s(depth):
    theirs, ours = pair(depth)
    x = torch.randn(4, 3, 64, 64, dtype=torch.float64)
    for network in (theirs, ours):
        network.double().train()
        network(x).square().mean().backward()
    for (name, a), b in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name)


def shifted_blocks(network):
    return [
        isinstance(block.conv1.conv, TemporalShift)
        for name in network.res_layers
        for block in getattr(network, name)
    ]


def test_shift_every():
    every_second = shifted_blocks(ResNetTSM(101, pretrained2d=False))
    assert shifted_blocks(FastResNetTSM(101)) == every_second
    assert not all(every_second)
    assert all(shifted_blocks(FastResNetTSM(101, shift_every=1)))
    assert shifted_blocks(FastResNetTSM(18, shift_every=2)) == [True, False] * 4
    assert not any(shifted_blocks(FastResNetTSM(18, is_shift=False)))


def test_loads_the_weights_of_a_plain_resnet():
    plain = FastResNetTSM(18, is_shift=False)
    shifted = FastResNetTSM(18)
    shifted.load_state_dict(plain.state_dict(), strict=True)
    assert torch.equal(shifted.layer1[0].conv1.conv.net.weight, plain.layer1[0].conv1.conv.weight)


def test_weights_have_the_layout_of_their_gradients_off_the_cpu():
    def strides(network):
        return {tuple(p.stride()[1:2]) for p in network.parameters() if p.ndim == 4}

    # 'meta' stands for any device but a CPU; there, the channel is the innermost dimension.
    assert strides(FastResNetTSM(18).to('meta')) == {(1,)}
    assert strides(FastResNetTSM(18, channels_last=False).to('meta')) != {(1,)}
    network = FastResNetTSM(18)
    before = [p.stride() for p in network.parameters()]
    assert [p.stride() for p in network.float().parameters()] == before


def test_modes_can_be_chained():
    network = FastResNetTSM(18)
    assert network.eval() is network
    assert network.train() is network


@pytest.mark.parametrize('name', ['shift_place', 'temporal_pool'])
def test_what_it_does_not_have(name):
    with pytest.raises(TypeError, match=name):
        FastResNetTSM(18, **{name: True})
