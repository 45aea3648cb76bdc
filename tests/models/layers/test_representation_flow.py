"""The layer against loops over single positions, in the paper's own words."""

import copy

import numpy as np
import pytest
import torch
from mmengine.optim import build_optim_wrapper

import msnet_mmaction  # noqa: F401
from msnet_mmaction import RepresentationFlow
from msnet_mmaction.models.layers.representation_flow import TVL1Iterations

TAU, LAMBDA, THETA = 0.25, 0.15, 0.3


def naive_flow(source, target, iterations):
    """Algorithm 1 for one channel (H, W), position by position, with its three cases."""
    height, width = source.shape
    at = lambda image, y, x: image[min(max(y, 0), height - 1), min(max(x, 0), width - 1)]  # noqa: E731
    u = np.zeros((2, height, width))
    p = np.zeros((2, 2, height, width))
    for _ in range(iterations):
        v = u.copy()
        for y in range(height):
            for x in range(width):
                gx = (at(target, y, x + 1) - at(target, y, x - 1)) / 2
                gy = (at(target, y + 1, x) - at(target, y - 1, x)) / 2
                squared = gx**2 + gy**2
                rho = target[y, x] - source[y, x] + gx * u[0, y, x] + gy * u[1, y, x]
                if rho < -LAMBDA * THETA * squared:
                    step = LAMBDA * THETA
                elif rho > LAMBDA * THETA * squared:
                    step = -LAMBDA * THETA
                else:
                    step = -rho / squared if squared > 1e-12 else 0
                v[:, y, x] += step * gx, step * gy
        for i in range(2):
            for y in range(height):
                for x in range(width):
                    right = p[i, 0, y, x] if x < width - 1 else 0
                    left = p[i, 0, y, x - 1] if x > 0 else 0
                    below = p[i, 1, y, x] if y < height - 1 else 0
                    above = p[i, 1, y - 1, x] if y > 0 else 0
                    u[i, y, x] = v[i, y, x] + THETA * (right - left + below - above)
            for y in range(height):
                for x in range(width):
                    ux = u[i, y, x + 1] - u[i, y, x] if x < width - 1 else 0
                    uy = u[i, y + 1, x] - u[i, y, x] if y < height - 1 else 0
                    scale = 1 + TAU / THETA * np.hypot(ux, uy)
                    p[i, 0, y, x] = (p[i, 0, y, x] + TAU / THETA * ux) / scale
                    p[i, 1, y, x] = (p[i, 1, y, x] + TAU / THETA * uy) / scale
    return u


@pytest.mark.parametrize('size', [(5, 7), (7, 5), (1, 4)])
def test_iterations_are_those_of_the_paper(size):
    generator = torch.Generator().manual_seed(0)
    source, target = 10 * torch.rand(2, 2, 3, *size, generator=generator, dtype=torch.float64)
    target[:, :, :, 2:] = source[:, :, :, 2:]  # a part where nothing moves
    flow = TVL1Iterations(3, iterations=6).double()(source, target)
    assert flow.shape == (2, 2, 3, *size)
    for n in range(2):
        for c in range(3):
            expected = naive_flow(source[n, c].numpy(), target[n, c].numpy(), 6)
            np.testing.assert_allclose(flow[n, :, c].detach(), expected, atol=1e-5)


def blob(x, y, size=32):
    """A smooth spot on a slope, so that no position is flat."""
    rows, columns = torch.meshgrid(torch.arange(size), torch.arange(size), indexing='ij')
    return 255 * torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 5.0**2))


@pytest.mark.parametrize(('dx', 'dy'), [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_a_moved_image_gives_flow_in_its_direction(dx, dy):
    source, target = blob(15, 15), blob(15 + dx, 15 + dy)
    with torch.no_grad():
        flow = TVL1Iterations(1, iterations=20)(source[None, None], target[None, None])
    inside = flow[0, :, 0, 10:21, 10:21].mean((1, 2))
    along, across = (inside[0], inside[1]) if dx else (inside[1], inside[0])
    assert along * (dx + dy) > 0.2
    assert abs(across) < 0.01


def layer(**kwargs):
    torch.manual_seed(0)
    return RepresentationFlow(
        **{**dict(in_channels=8, reduced_channels=4, iterations=3, zero_init=False), **kwargs}
    )


def test_2d_and_3d_layouts_agree_and_clips_do_not_mix():
    module = layer(num_segments=3).eval()
    clips = torch.randn(2, 3, 8, 6, 9)
    folded = module(clips.flatten(0, 1)).unflatten(0, (2, 3))
    volume = module(clips.transpose(1, 2)).transpose(1, 2)
    torch.testing.assert_close(folded, volume)
    torch.testing.assert_close(folded[:1], module(clips[0])[None])


def test_starts_as_the_identity_of_rectified_features_and_all_learns():
    module = layer(num_segments=3, zero_init=True)
    module.init_weights()
    x = torch.randn(6, 8, 7, 5).relu()
    assert torch.equal(module(x), x)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    # The first step moves the normalisation alone; from then on, all of it learns.
    for _ in range(2):
        optimizer.zero_grad()
        (module(x) - x.roll(1, 0)).square().mean().backward()
        optimizer.step()
    for name, parameter in module.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


def test_gradients_in_float64():
    torch.manual_seed(0)
    module = TVL1Iterations(1, iterations=2).double()
    frames = [torch.rand(1, 1, 3, 4, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(module, frames)


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_autocast_keeps_the_flow_in_float32(dtype):
    module = layer(num_segments=3)
    with torch.autocast('cpu', dtype):
        out = module(torch.randn(3, 8, 6, 6))
        assert module.flow_fields(torch.randn(1, 3, 4, 6, 6, dtype=dtype)).dtype == torch.float32
    assert out.isfinite().all()


def test_constant_features_do_not_move():
    module = layer(num_segments=2)
    assert torch.equal(module.flow_fields(torch.ones(1, 2, 4, 5, 5)), torch.zeros(1, 1, 8, 5, 5))


def test_deepcopy():
    module = layer(num_segments=3).eval()
    x = torch.randn(3, 8, 5, 5)
    assert torch.equal(copy.deepcopy(module)(x), module(x))


def test_the_tsm_constructor_refuses_it_rather_than_leaving_it_untrained():
    model = torch.nn.Sequential(layer(num_segments=2), torch.nn.Linear(1, 1))
    cfg = dict(
        constructor='TSMOptimWrapperConstructor',
        paramwise_cfg=dict(fc_lr5=False),
        optimizer=dict(type='SGD', lr=0.1),
    )
    with pytest.raises(ValueError, match='TVL1Iterations'):
        build_optim_wrapper(model, cfg)


def test_its_motion_is_the_mean_of_its_channels():
    clip = torch.stack([blob(15 + t, 15 - t) for t in range(3)])[None, :, None].repeat(
        1, 1, 2, 1, 1
    )
    layer = RepresentationFlow(2, reduced_channels=2).eval()
    # The second channel is the first one upside down in its values, and moves alike.
    layer.reduction.weight.data = torch.tensor([[1.0, 0.0], [0.0, -1.0]])[..., None, None]
    with torch.no_grad():
        motion = layer.estimate_motion(clip)[0]
    assert motion.displacement.shape == (1, 2, 2, 32, 32)
    assert motion.confidence is None
    x, y = motion.displacement[0, :, :, 10:21, 10:21].mean((0, 2, 3))
    assert x > 0.1
    assert y < -0.1
