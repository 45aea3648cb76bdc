import pytest
import torch
from mmcv.cnn import ConvModule
from torch import nn

from msnet_mmaction.models.inference import FusedConv, FusedStem

CONTIGUOUS, CHANNELS_LAST = torch.contiguous_format, torch.channels_last


def first_layers():
    torch.manual_seed(0)
    conv = ConvModule(3, 8, 7, stride=2, padding=3, norm_cfg=dict(type='BN')).eval()
    nn.init.uniform_(conv.bn.running_mean, -0.5, 0.5)
    pool = nn.MaxPool2d(3, 2, 1)
    return conv, pool, FusedStem(FusedConv(conv.conv, conv.bn, 'relu'), pool)


@pytest.mark.parametrize('size', [(64, 96), (65, 99), (63, 33), (7, 2), (1, 1)])
@pytest.mark.parametrize('memory_format', [CONTIGUOUS, CHANNELS_LAST])
@torch.no_grad()
def test_equals_the_parts(size, memory_format):
    conv, pool, stem = first_layers()
    x = torch.randn(3, 3, *size).to(memory_format=memory_format)
    before = x.clone()
    found, expected = stem(x), pool(conv(x))
    assert found.shape == expected.shape
    torch.testing.assert_close(found, expected)
    assert torch.equal(x, before)


@torch.no_grad()
def test_no_frames():
    conv, pool, stem = first_layers()
    x = torch.zeros(0, 3, 32, 32)
    assert stem(x).shape == pool(conv(x)).shape


@torch.no_grad()
def test_bf16_autocast():
    conv, pool, stem = first_layers()
    x = torch.randn(2, 3, 64, 64)
    expected = pool(conv(x))
    with torch.autocast('cpu', torch.bfloat16):
        found = stem(x)
    assert found.dtype == torch.bfloat16
    assert (found - expected).abs().max() < 0.03 * expected.abs().max()


@pytest.mark.parametrize(
    'kwargs', [dict(kernel_size=2, padding=0), dict(ceil_mode=True), dict(return_indices=True)]
)
def test_other_pooling_does_not_fit(kwargs):
    arguments = {**dict(kernel_size=3, stride=2, padding=1), **kwargs}
    assert not FusedStem.fits(nn.MaxPool2d(**arguments))


def test_gradient_of_the_input():
    conv, pool, stem = first_layers()
    x = torch.randn(2, 3, 32, 32, requires_grad=True)
    gradients = [
        torch.autograd.grad(f(x).square().sum(), x)[0] for f in (stem, lambda x: pool(conv(x)))
    ]
    torch.testing.assert_close(*gradients)
