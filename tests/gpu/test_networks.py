"""A small network on a GPU: as on the CPU, in any layout, optimised, and in mixed precision."""

import pytest
import torch
from mmaction.registry import MODELS

from msnet_mmaction import optimize_for_inference
from msnet_mmaction.commands.benchmark.execution import tf32
from msnet_mmaction.ops import temporal_shift
from tests.helpers.gpu import DEVICE, ON_GPU

FRAMES = 3
#: A CPU has no fast products in float16.
HALF = torch.float16 if ON_GPU else torch.bfloat16


@pytest.fixture(autouse=True)
def _float32_is_float32():
    with tf32(False):
        yield


def network(backbone='FastResNetTSM'):
    torch.manual_seed(0)
    layer = dict(type='MotionSqueeze', in_channels=128, reduced_channels=8)
    layer['displacement'] = dict(type='SoftArgmax', max_displacement=1, temperature=0.1)
    config = dict(
        type='Recognizer2D',
        backbone=dict(
            type='MSNet',
            backbone=dict(type=backbone, depth=18, num_segments=FRAMES),
            layers=dict(layer2=layer),
        ),
        cls_head=dict(
            type='TSMHead', num_classes=4, in_channels=512, num_segments=FRAMES, dropout_ratio=0.0
        ),
        data_preprocessor=dict(type='ActionDataPreprocessor'),
    )
    return MODELS.build(config).eval()


def clips(batch=2):
    return torch.randn(batch, FRAMES, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def scores(model, x):
    with torch.inference_mode():
        return model(x, mode='tensor', stage='head').float().cpu()


def assert_equal_scores(found, expected, tolerance=1e-3):
    scale = expected.abs().max().item()
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parametrize('backbone', ['FastResNetTSM', 'ResNetTSM'])
def test_scores_are_those_of_the_cpu(backbone):
    model, x = network(backbone), clips()
    expected = scores(model, x)
    assert_equal_scores(scores(model.to(DEVICE), x.to(DEVICE)), expected)


def test_channels_last():
    model, x = network().to(DEVICE), clips().to(DEVICE)
    expected = scores(model, x)
    assert_equal_scores(scores(model.to(memory_format=torch.channels_last), x), expected)


@pytest.mark.parametrize('dtype', [None, torch.float16, torch.bfloat16])
def test_an_optimised_copy(dtype):
    model, x = network().to(DEVICE), clips().to(DEVICE)
    expected = scores(model, x)
    with torch.autocast(DEVICE.type, dtype, enabled=dtype is not None):
        found = scores(optimize_for_inference(model), x)
    assert_equal_scores(found, expected, tolerance=1e-3 if dtype is None else 0.05)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_autocast(dtype):
    model, x = network().to(DEVICE), clips().to(DEVICE)
    expected = scores(model, x)
    with torch.autocast(DEVICE.type, dtype):
        assert_equal_scores(scores(model, x), expected, tolerance=0.05)


@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
def test_temporal_shift(memory_format):
    x = torch.randn(2 * FRAMES, 16, 5, 7).to(memory_format=memory_format)
    expected = temporal_shift(x, FRAMES)
    found = temporal_shift(x.to(DEVICE), FRAMES)
    assert torch.equal(found.cpu(), expected)
    assert found.is_contiguous(memory_format=memory_format)


def test_training_with_a_scaled_loss():
    model, x = network().to(DEVICE).train(), clips().to(DEVICE)
    labels = torch.tensor([0, 3], device=DEVICE)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    # Small enough that no step has to be left out.
    scaler = torch.amp.GradScaler(DEVICE.type, init_scale=128.0)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    losses = []
    for _ in range(3):
        with torch.autocast(DEVICE.type, HALF):
            output = model(x, mode='tensor', stage='head')
        loss = torch.nn.functional.cross_entropy(output.float(), labels)
        losses.append(loss.item())
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        assert all(p.grad.isfinite().all() for p in model.parameters())
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
    assert scaler.get_scale() == 128.0
    assert losses[-1] < losses[0]
    same = [name for name, p in model.named_parameters() if torch.equal(p, before[name])]
    assert not same


def test_a_step_whose_gradients_overflow_is_left_out():
    model, x = network().to(DEVICE).train(), clips().to(DEVICE)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    scaler = torch.amp.GradScaler(DEVICE.type, init_scale=128.0)
    before = [p.detach().clone() for p in model.parameters()]
    x[0, 0, 0, 0, 0] = float('inf')
    with torch.autocast(DEVICE.type, HALF):
        loss = model(x, mode='tensor', stage='head').float().square().mean()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    assert scaler.get_scale() < 128.0
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True))
