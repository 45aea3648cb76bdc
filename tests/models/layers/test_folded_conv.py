import copy
import pickle

import pytest
import torch
from torch import nn

from msnet_mmaction import FastResNetTSM
from msnet_mmaction.models.layers.conv import ConvNormReLU
from msnet_mmaction.models.layers.folded_conv import can_fold, folded_conv


def block(**kwargs):
    torch.manual_seed(0)
    conv = nn.Conv2d(8, 16, 3, padding=1, bias=False, **kwargs)
    norm = nn.BatchNorm2d(16).eval()
    for tensor in (norm.running_mean, norm.weight, norm.bias):
        nn.init.uniform_(tensor, 0.5, 1.5)
    return conv, norm


@pytest.mark.parametrize('relu', [True, False])
@pytest.mark.parametrize('addend', [True, False])
@pytest.mark.parametrize('kwargs', [{}, dict(stride=2), dict(groups=4), dict(dilation=2)])
@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
def test_equals_the_parts(relu, addend, kwargs, memory_format):
    conv, norm = block(**kwargs)
    x = torch.randn(2, 8, 9, 7).to(memory_format=memory_format)
    with torch.no_grad():
        expected = norm(conv(x))
        add = torch.randn_like(expected) if addend else None
        before = None if add is None else add.clone()
        if addend:
            expected = expected + add
        if relu:
            expected = expected.relu()
        torch.testing.assert_close(folded_conv(conv, norm, x, relu, add), expected)
        if addend:
            assert torch.equal(add, before)


def test_bf16_autocast():
    conv, norm = block()
    x = torch.randn(2, 8, 9, 7)
    with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
        found = folded_conv(conv, norm, x)
    assert found.dtype == torch.bfloat16
    with torch.no_grad():
        expected = norm(conv(x)).relu()
    assert (found - expected).abs().max() < 0.03 * expected.abs().max()


def test_where_it_is_left_out():
    module = ConvNormReLU(4, 4).eval()
    x = torch.randn(1, 4, 5, 5)
    assert not can_fold(x, module)  # gradients are recorded
    with torch.no_grad():
        assert can_fold(x, module)
        assert not can_fold(x.double(), module)
        assert not can_fold(x[:0], module)
        assert not can_fold(x, module.train())


def changes(network):
    """Ways in which the weights of a network in inference mode may change."""
    first, norm = network.conv1.conv.weight, network.conv1.bn
    yield lambda: network.load_state_dict({k: v * 0.9 for k, v in network.state_dict().items()})
    yield lambda: first.mul_(1.1)
    yield lambda: norm.running_mean.add_(0.1)
    yield lambda: norm.weight.fill_(0.7)

    def moving_average():  # as mmengine's EMAHook: through .data, then eval()
        first.data.copy_(first.data * 0.8)
        network.eval()

    yield moving_average


@torch.no_grad()
def test_changed_weights_are_noticed():
    network = FastResNetTSM(18, num_segments=2).eval()
    x = torch.randn(2, 3, 32, 32)
    network(x)
    for change in changes(network):
        before = network(x)
        change()
        found = network(x)
        with torch.enable_grad():
            expected = network(x)  # part by part
        assert not torch.allclose(found, before)
        assert (found - expected).abs().max() < 2e-5 * expected.abs().max()


@torch.no_grad()
def test_copies_and_pickles():
    network = FastResNetTSM(18, num_segments=2).eval()
    x = torch.randn(2, 3, 32, 32)
    expected = network(x)
    for other in (copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
        torch.testing.assert_close(other(x), expected)
