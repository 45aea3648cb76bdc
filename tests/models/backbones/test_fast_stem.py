import pytest
import torch
from mmcv.cnn import ConvModule
from torch import nn

from msnet_mmaction.models.backbones.fast_stem import stem

CONTIGUOUS, CHANNELS_LAST = torch.contiguous_format, torch.channels_last


def first_layers(**kwargs):
    torch.manual_seed(0)
    conv = ConvModule(3, 8, 7, stride=2, padding=3, norm_cfg=dict(type='BN')).eval()
    nn.init.uniform_(conv.bn.running_mean, -0.5, 0.5)
    return conv, nn.MaxPool2d(**{**dict(kernel_size=3, stride=2, padding=1), **kwargs})


@pytest.mark.parametrize('size', [(64, 96), (65, 99), (63, 33), (7, 2), (1, 1)])
@pytest.mark.parametrize('memory_format', [CONTIGUOUS, CHANNELS_LAST])
@torch.no_grad()
def test_equals_the_parts(size, memory_format):
    conv, pool = first_layers()
    x = torch.randn(3, 3, *size).to(memory_format=memory_format)
    found, expected = stem(conv, pool, x), pool(conv(x))
    assert found.shape == expected.shape
    torch.testing.assert_close(found, expected)
    if min(found.shape[2:]) > 1:
        assert found.is_contiguous(memory_format=memory_format)


@torch.no_grad()
def test_bf16_autocast():
    conv, pool = first_layers()
    x = torch.randn(2, 3, 64, 64)
    expected = pool(conv(x))
    with torch.autocast('cpu', torch.bfloat16):
        found = stem(conv, pool, x)
    assert found.dtype == torch.bfloat16
    assert (found - expected).abs().max() < 0.03 * expected.abs().max()


@torch.no_grad()
def test_not_a_number_is_passed_on():
    conv, pool = first_layers()
    x = torch.randn(1, 3, 32, 32)
    x[0, 0, 9, 9] = torch.nan
    assert torch.equal(stem(conv, pool, x).isnan(), pool(conv(x)).isnan())


@pytest.mark.parametrize('kwargs', [dict(kernel_size=2, padding=0), dict(ceil_mode=True)])
@torch.no_grad()
def test_other_pooling(kwargs):
    conv, pool = first_layers(**kwargs)
    x = torch.randn(2, 3, 34, 34)
    torch.testing.assert_close(stem(conv, pool, x), pool(conv(x)))


def test_gradient():
    conv, pool = first_layers()
    x = torch.randn(2, 3, 32, 32, requires_grad=True)
    stem(conv, pool, x).sum().backward()
    assert x.grad.abs().sum() > 0
