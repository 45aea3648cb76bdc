"""Every backend that runs on a CPU against the reference in float64: values and gradients."""

import pytest
import torch

from msnet_mmaction.ops import match
from msnet_mmaction.ops.matching import tiling
from tests.helpers.matching_cases import (
    assert_matching_close,
    exact_matching,
    matching_and_gradients,
    random_features,
    random_like,
)

FAST = ['cpu', 'export']


@pytest.mark.parametrize('backend', FAST)
@pytest.mark.parametrize('patch', [1, 3, 5, 15, 21])
@pytest.mark.parametrize('dilation', [1, 2])
# Even and odd, wider and higher, several tiles, and smaller than the larger patches.
@pytest.mark.parametrize('size', [(9, 16), (17, 7)])
def test_agrees_with_reference(backend, patch, dilation, size):
    features = random_features(2, 16, *size)
    options = {'max_displacement': patch // 2, 'dilation': dilation}
    actual = matching_and_gradients(features, backend=backend, **options)
    assert_matching_close(actual, exact_matching(features, **options))


@pytest.mark.parametrize('backend', FAST)
@pytest.mark.parametrize(('sigma', 'temperature'), [(None, 0.01), (None, 1.0), (0.5, 0.1)])
def test_other_kernels_and_temperatures(backend, sigma, temperature):
    features = random_features(1, 16, 10, 11)
    options = {'max_displacement': 4, 'sigma': sigma, 'temperature': temperature}
    actual = matching_and_gradients(features, backend=backend, **options)
    assert_matching_close(actual, exact_matching(features, **options))


def test_chunks_do_not_show(monkeypatch):
    """Many chunks of one tile, and of some pairs, give what one chunk gives."""
    from msnet_mmaction.ops.matching import cpu as matching_cpu

    features = random_features(5, 8, 11, 30)
    one = matching_and_gradients(features, max_displacement=2, backend='cpu')
    for size in (1, 100_000):
        monkeypatch.setattr(matching_cpu, 'CHUNK_BYTES', size)
        torch.testing.assert_close(
            matching_and_gradients(features, max_displacement=2, backend='cpu'), one
        )
    monkeypatch.setattr(tiling, 'TILE_HEIGHT', 3)
    monkeypatch.setattr(tiling, 'TILE_WIDTH', 5)
    other = matching_and_gradients(features, max_displacement=2, backend='cpu')
    torch.testing.assert_close(other, one, rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize('backend', ['reference', *FAST])
def test_of_equal_scores_the_first_wins(backend):
    """Vertical stripes: displacements that differ by a whole period match equally well."""
    columns = torch.eye(3, dtype=torch.float64).repeat(1, 4)
    image = columns[None, :, None, :].expand(1, 3, 9, 12).contiguous().requires_grad_()
    options = {'max_displacement': 3, 'sigma': 0.3, 'temperature': 0.001}
    found = match(image, image, backend=backend, **options)
    # At (4, 6) the first of the best displacements is the upper left one, (-3, -3).
    torch.testing.assert_close(
        found.displacement[0, :, 4, 6], torch.tensor([-1.0, -1.0], dtype=torch.float64)
    )
    features = [image, image.detach().clone().requires_grad_()]
    actual = matching_and_gradients(features, backend=backend, **options)
    torch.testing.assert_close(actual, exact_matching(features, **options))


@pytest.mark.parametrize('backend', ['reference', *FAST])
def test_features_of_zero(backend):
    """Nothing matches: no confidence, the mean displacement, and no gradient (ReLU at 0)."""
    features = [torch.zeros(1, 4, 6, 7, requires_grad=True) for _ in range(2)]
    displacement, confidence, *gradients = matching_and_gradients(
        features, max_displacement=2, sigma=None, backend=backend
    )
    torch.testing.assert_close(displacement, torch.zeros(1, 2, 6, 7))
    assert (confidence == 0).all()
    assert all((gradient == 0).all() for gradient in gradients)


@pytest.mark.parametrize('backend', ['reference', *FAST])
def test_nan_stays_where_it_is(backend):
    source, target = (x.detach() for x in random_features(1, 4, 5, 6))
    source[0, :, 2, 3] = float('nan')
    found = match(source, target, max_displacement=1, backend=backend)
    expected = torch.zeros(5, 6, dtype=torch.bool)
    expected[2, 3] = True
    assert torch.equal(found.confidence.isnan()[0, 0], expected)
    assert torch.equal(found.displacement.isnan().all(dim=1)[0], expected)


@pytest.mark.parametrize('backend', ['reference', *FAST])
def test_layout_of_the_input_does_not_matter(backend):
    features = random_features(3, 8, 7, 9)
    expected = matching_and_gradients(features, max_displacement=2, backend=backend)
    clip = torch.stack([x.detach() for x in features], dim=1).requires_grad_()
    views = [clip[:, 0], clip[:, 1].to(memory_format=torch.channels_last)]
    assert not any(x.is_contiguous() for x in views)
    found = match(*views, max_displacement=2, backend=backend)
    (gradient,) = torch.autograd.grad(found, clip, random_like(found))
    actual = [*found, *gradient.unbind(1)]
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize('backend', ['reference', *FAST])
def test_no_pairs(backend):
    features = random_features(0, 8, 7, 9)
    found = matching_and_gradients(features, max_displacement=2, backend=backend)
    assert [tuple(x.shape) for x in found] == [(0, 2, 7, 9), (0, 1, 7, 9), *[(0, 8, 7, 9)] * 2]


@pytest.mark.parametrize('backend', ['reference', *FAST])
@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision(backend, dtype):
    """The features' rounding flips some argmaxes, so medians and the share of flips count."""
    features = random_features(2, 32, 14, 14)
    half = [x.detach().to(dtype).requires_grad_() for x in features]
    actual = matching_and_gradients(half, max_displacement=3, backend=backend)
    # What is computed from the rounded features is exact; only gradients are rounded again.
    expected = exact_matching(half, max_displacement=3)
    assert [x.dtype for x in actual] == [torch.float32, torch.float32, dtype, dtype]
    assert_matching_close(actual[:2], expected[:2])
    for got, want in zip(actual[2:], expected[2:], strict=True):
        torch.testing.assert_close(got.double(), want, rtol=1e-2, atol=1e-2)
    unrounded = exact_matching(features, max_displacement=3)[0]
    error = (actual[0] - unrounded).abs().amax(dim=1)
    assert error.median() < 0.02
    assert (error > 0.3).double().mean() < 0.02


def test_autocast_does_not_reach_it():
    features = random_features(1, 16, 8, 8)
    with torch.autocast('cpu', torch.bfloat16):
        found = match(*features, max_displacement=2)
    torch.testing.assert_close(tuple(found), tuple(match(*features, max_displacement=2)))
