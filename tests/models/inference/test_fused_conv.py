import copy
import io
import pickle

import pytest
import torch
from torch import nn

from msnet_mmaction.models.inference import FusedConv, FusedShiftConv
from msnet_mmaction.ops import temporal_shift


def parts(**kwargs):
    torch.manual_seed(0)
    conv = nn.Conv2d(8, 16, 3, padding=1, bias=False, **kwargs)
    norm = nn.BatchNorm2d(16).eval()
    for tensor in (norm.running_mean, norm.running_var, norm.weight, norm.bias):
        nn.init.uniform_(tensor, 0.5, 1.5)
    return conv, norm


ACTIVATIONS = {None: nn.Identity(), 'relu': nn.ReLU(), 'relu6': nn.ReLU6()}


@pytest.mark.parametrize('activation', ACTIVATIONS)
@pytest.mark.parametrize('addend', [True, False])
@pytest.mark.parametrize('kwargs', [{}, dict(stride=2), dict(groups=4), dict(dilation=2)])
@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
@torch.no_grad()
def test_equals_the_parts(activation, addend, kwargs, memory_format, dtype):
    conv, norm = (part.to(dtype) for part in parts(**kwargs))
    fused = FusedConv(conv, norm, activation)
    x = 5 * torch.randn(2, 8, 9, 7, dtype=dtype).to(memory_format=memory_format)
    expected = norm(conv(x))
    add = torch.randn_like(expected) if addend else None
    kept = x.clone(), None if add is None else add.clone()
    if addend:
        expected = expected + add
    expected = ACTIVATIONS[activation](expected)
    for _ in range(2):  # The first call packs the weights.
        torch.testing.assert_close(fused(x, add), expected)
    # Another size than that which the weights were packed for.
    other = torch.randn(3, 8, 20, 5, dtype=dtype)
    torch.testing.assert_close(fused(other), ACTIVATIONS[activation](norm(conv(other))))
    assert torch.equal(x, kept[0])
    assert add is None or torch.equal(add, kept[1])


@torch.no_grad()
def test_convolution_in_three_dimensions():
    torch.manual_seed(0)
    conv, norm = nn.Conv3d(4, 6, 3, padding=1), nn.BatchNorm3d(6).eval()
    nn.init.uniform_(norm.running_mean)
    x = torch.randn(1, 4, 3, 8, 8)
    torch.testing.assert_close(FusedConv(conv, norm, 'relu')(x), norm(conv(x)).relu())


@torch.no_grad()
def test_norm_without_weights_and_conv_with_a_bias():
    conv, norm = nn.Conv2d(4, 6, 1, bias=True), nn.BatchNorm2d(6, affine=False, eps=0.1).eval()
    nn.init.uniform_(norm.running_mean)
    x = torch.randn(2, 4, 5, 5)
    torch.testing.assert_close(FusedConv(conv, norm)(x), norm(conv(x)))
    torch.testing.assert_close(FusedConv(conv)(x), conv(x))


@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
@torch.no_grad()
def test_shift(memory_format):
    conv, norm = parts()
    fused = FusedShiftConv(conv, norm, 'relu', num_segments=4, shift_div=4)
    x = torch.randn(8, 8, 9, 7).to(memory_format=memory_format)
    before = x.clone()
    expected = norm(conv(temporal_shift(x, 4, 4))).relu()
    torch.testing.assert_close(fused(x), expected)
    assert torch.equal(x, before)
    with torch.enable_grad():
        x.requires_grad_()
        torch.testing.assert_close(fused(x), expected)
        (grad,) = torch.autograd.grad(fused(x).sum(), x)
        (wanted,) = torch.autograd.grad(norm(conv(temporal_shift(x, 4, 4))).relu().sum(), x)
    torch.testing.assert_close(grad, wanted)


@torch.no_grad()
def test_bf16():
    conv, norm = parts()
    fused = FusedConv(conv, norm, 'relu')
    x = torch.randn(2, 8, 9, 7)
    expected = norm(conv(x)).relu()
    with torch.autocast('cpu', torch.bfloat16):
        found = fused(x)
    assert found.dtype == torch.bfloat16
    assert (found - expected).abs().max() < 0.03 * expected.abs().max()
    torch.testing.assert_close(fused(x), expected)
    converted = copy.deepcopy(fused).bfloat16()(x.bfloat16())
    assert (converted - expected).abs().max() < 0.03 * expected.abs().max()


@torch.no_grad()
def test_copied_saved_moved_and_loaded():
    conv, norm = parts()
    fused = FusedConv(conv, norm, 'relu')
    x = torch.randn(2, 8, 9, 7)
    expected = fused(x)
    file = io.BytesIO()
    torch.save(fused, file)
    file.seek(0)
    loaded = torch.load(file, weights_only=False)
    for other in (copy.deepcopy(fused), pickle.loads(pickle.dumps(fused)), loaded):
        assert torch.equal(other(x), expected)
    assert torch.equal(fused.double().float()(x), expected)
    fused.load_state_dict({key: 2 * value for key, value in fused.state_dict().items()})
    torch.testing.assert_close(fused(x), 2 * expected)


def test_does_not_train():
    fused = FusedConv(*parts())
    assert not fused.training
    assert fused.eval() is fused
    with pytest.raises(RuntimeError, match='optimize_for_inference'):
        nn.Sequential(fused).train()


@pytest.mark.filterwarnings('ignore:TF32 acceleration')
@torch.no_grad()
def test_without_onednn():
    conv, norm = parts()
    fused, x = FusedConv(conv, norm, 'relu'), torch.randn(2, 8, 9, 7)
    with torch.backends.mkldnn.flags(enabled=False):
        torch.testing.assert_close(fused(x), norm(conv(x)).relu())
    assert fused(x[:0]).shape == (0, 16, 9, 7)
    assert FusedConv(*(part.to('meta') for part in (conv, norm)))(x.to('meta')).shape == (
        2,
        16,
        9,
        7,
    )
