"""The kernels against the reference in float64 and the CPU backend: values and gradients."""

import pytest
import torch

from msnet_mmaction.commands.benchmark.execution import tf32
from msnet_mmaction.ops import choose_backend, match
from tests.helpers.gpu import DEVICE, ON_GPU, needs_gpu, on_cpu, on_device
from tests.helpers.matching_cases import (
    assert_matching_close,
    exact_matching,
    matching_and_gradients,
    random_features,
    random_like,
)

#: N, C, H, W: blocks of 16 positions, and what is left over; more channels than one product takes.
SIZES = [(2, 16, 2, 16), (1, 70, 2, 19)]
LARGE = [(7, 64, 28, 28), (3, 64, 57, 41), (2, 130, 14, 33), (1, 8, 1, 200)]
sizes = pytest.mark.parametrize(
    'size', [*SIZES, *[pytest.param(s, marks=needs_gpu) for s in LARGE]]
)


@pytest.fixture(autouse=True)
def _float32_is_float32():
    with tf32(False):
        yield


def found_and_exact(size, **options):
    features = random_features(*size)
    exact = exact_matching(features, **options)
    return on_cpu(matching_and_gradients(on_device(features), **options)), exact


def assert_mostly_close(found, exact, tolerance):
    """Rounded products flip some argmaxes: the median and the share of what is far off count."""
    for got, want in zip(found, exact, strict=True):
        error = (got - want).abs() / want.abs().max().clamp(min=1)
        assert error.median() < tolerance, error.median()
        assert (error > 0.1).double().mean() < 0.03


@needs_gpu
def test_it_is_the_backend_that_is_chosen():
    """Below compute capability 7.0 all tests of this file are those of plain torch."""
    old = torch.version.hip is None and torch.cuda.get_device_capability(DEVICE) < (7, 0)
    expected = 'export' if old else 'triton'
    assert choose_backend(torch.empty(1, 1, 1, 1, device=DEVICE)) == expected


@sizes
@pytest.mark.parametrize('k', [0, 1, 7])
def test_agrees_with_the_reference(size, k):
    if not ON_GPU and k == 7:
        size = (1, 4, 2, 17)
    found, exact = found_and_exact(size, max_displacement=k)
    assert_matching_close(found, exact)


@needs_gpu
@sizes
@pytest.mark.parametrize('k', [3, 10])
def test_agrees_with_the_cpu(size, k):
    features = random_features(*size)
    expected = matching_and_gradients(features, max_displacement=k, backend='cpu')
    found = on_cpu(matching_and_gradients(on_device(features), max_displacement=k))
    assert_matching_close(found, expected)


@pytest.mark.parametrize(
    'options',
    [
        dict(dilation=2),
        dict(dilation=3, sigma=None),
        dict(sigma=None, temperature=1.0),
        dict(sigma=0.5, temperature=0.1),
    ],
    ids=str,
)
def test_options(options):
    size = (2, 16, 13, 18) if ON_GPU else (1, 4, 4, 7)
    found, exact = found_and_exact(size, max_displacement=2, **options)
    assert_matching_close(found, exact)


def test_a_patch_larger_than_the_image():
    found, exact = found_and_exact((1, 4, 2, 3), max_displacement=4)
    assert_matching_close(found, exact)


def test_both_directions_of_time():
    """Backward displacement is the matching of the frames the other way round."""
    source, target = random_features(1, 8, 4, 9)
    for pair in ((source, target), (target, source)):
        found = matching_and_gradients(on_device(pair), max_displacement=2)
        assert_matching_close(on_cpu(found), exact_matching(pair, max_displacement=2))


@pytest.mark.parametrize('wanted', [0, 1])
@pytest.mark.parametrize('frame', [0, 1])
def test_either_output_and_either_frame_alone(wanted, frame):
    features = random_features(1, 8, 3, 7)
    gradients = []
    for pair in (on_device(features), [x.detach().double().requires_grad_() for x in features]):
        pair[1 - frame].requires_grad_(False)
        backend = 'reference' if pair[0].dtype == torch.float64 else None
        output = match(*pair, max_displacement=1, temperature=0.1, backend=backend)[wanted]
        gradients.append(torch.autograd.grad(output.square().sum(), pair[frame])[0].cpu())
    torch.testing.assert_close(gradients[0].double(), gradients[1], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
@sizes
def test_half_precision(size, dtype):
    features = [x.to(dtype) for x in random_features(*size)]
    exact = exact_matching(features, max_displacement=2)
    found = on_cpu(matching_and_gradients(on_device(features), max_displacement=2))
    assert [x.dtype for x in found] == [torch.float32, torch.float32, dtype, dtype]
    assert_mostly_close(found, exact, tolerance=0.02)


@pytest.mark.parametrize('scale', [1e-4, 2.0**16])
def test_gradients_in_half_precision_may_be_scaled(scale):
    """What a GradScaler multiplies the loss by must not overflow, nor small ones vanish."""
    features = on_device([x.half() for x in random_features(1, 8, 4, 9)])
    found = match(*features, max_displacement=1, temperature=0.1)
    ones = [torch.full_like(x, scale) for x in found]
    scaled = torch.autograd.grad(found, features, ones, retain_graph=True)
    plain = torch.autograd.grad(found, features, [torch.ones_like(x) for x in found])
    for got, want in zip(scaled, plain, strict=True):
        if scale > 1:
            # float16 itself ends at 65504; what fits is right.
            fits = (want.float() * scale).abs() < 6e4
            assert fits.any()
            got, want = got[fits], want[fits]
        error = (got.float() / scale - want.float()).abs()
        assert error.max() < 0.02 * want.float().abs().max() + 6e-8 / scale


@needs_gpu
@sizes
def test_tf32(size):
    features = random_features(*size)
    exact = exact_matching(features, max_displacement=3)
    with tf32(True):
        found = on_cpu(matching_and_gradients(on_device(features), max_displacement=3))
    assert_mostly_close(found, exact, tolerance=0.02)


@pytest.mark.parametrize('value', [0.0, 1.0])
def test_equal_scores(value):
    """The first of them wins; nothing passes ReLU at 0."""
    features = [torch.full((1, 4, 3, 5), value, requires_grad=True) for _ in range(2)]
    options = dict(max_displacement=1, sigma=0.3, temperature=0.001)
    found = on_cpu(matching_and_gradients(on_device(features), **options))
    assert_matching_close(found, exact_matching(features, **options))
    if value == 0:
        assert not any(gradient.any() for gradient in found[2:])


@pytest.mark.parametrize('frame', [0, 1])
def test_nan_stays_where_it_is(frame):
    features = [x.detach() for x in random_features(1, 4, 4, 6)]
    features[frame][0, :, 2, 3] = float('nan')
    features = [x.requires_grad_() for x in features]
    found = on_cpu(matching_and_gradients(on_device(features), max_displacement=1))
    exact = exact_matching(features, max_displacement=1)
    nan = [x.isnan() for x in exact]
    assert all(x.any() for x in nan)
    for got, want, where in zip(found[:2], exact, nan, strict=False):
        assert torch.equal(got.isnan(), where)
        torch.testing.assert_close(got[~where].double(), want[~where], rtol=1e-3, atol=1e-4)
    # A matrix product spreads them over the gradients of a block.
    for got, where in zip(found[2:], nan[2:], strict=True):
        assert got[where].isnan().all()


def test_layouts_of_the_input():
    features = random_features(2, 8, 2, 5)
    expected = matching_and_gradients(on_device(features), max_displacement=1)
    clip = torch.stack([x.detach() for x in features], dim=1).to(DEVICE).requires_grad_()
    views = [clip[:, 0], clip[:, 1].to(memory_format=torch.channels_last)]
    found = match(*views, max_displacement=1)
    (gradient,) = torch.autograd.grad(found, clip, random_like(found))
    torch.testing.assert_close([*found, *gradient.unbind(1)], expected, rtol=1e-4, atol=1e-4)


def test_no_pairs():
    found = matching_and_gradients(on_device(random_features(0, 8, 7, 9)), max_displacement=2)
    assert [tuple(x.shape) for x in found] == [(0, 2, 7, 9), (0, 1, 7, 9), *[(0, 8, 7, 9)] * 2]


def test_results_are_the_same_bit_for_bit():
    features = on_device(random_features(1, 16, 2, 17))
    first, second = (matching_and_gradients(features, max_displacement=2) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@needs_gpu
def test_more_rows_than_a_short_grid_has():
    """70,000 rows: only the first dimension of a grid has more than 65,535 programs."""
    features = random_features(35_000, 4, 2, 5)
    found = on_cpu(matching_and_gradients(on_device(features), max_displacement=1))
    for part in (slice(0, 3), slice(-3, None)):
        some = [x.detach()[part].requires_grad_() for x in features]
        displacement, confidence = match(*on_device(some), max_displacement=1)
        torch.testing.assert_close(found[0][part], displacement.detach().cpu())
        torch.testing.assert_close(found[1][part], confidence.detach().cpu())
    exact = exact_matching(features, max_displacement=1)
    assert_mostly_close(found, exact, tolerance=1e-4)


@needs_gpu
def test_more_numbers_than_32_bits_count():
    size = (2**31 // (64 * 32 * 32) + 8, 64, 32, 32)
    free, _ = torch.cuda.mem_get_info(DEVICE)
    if free < 60 * 2**30:
        pytest.skip('takes 60 GiB of GPU memory')
    generator = torch.Generator(DEVICE).manual_seed(0)
    source, target = (
        torch.randn(size, generator=generator, device=DEVICE, dtype=torch.float16) for _ in range(2)
    )
    found = match(source, target, max_displacement=1)
    for part in (slice(0, 2), slice(-2, None)):
        alone = match(source[part], target[part], max_displacement=1)
        for got, want in zip(found, alone, strict=True):
            torch.testing.assert_close(got[part], want)


@needs_gpu
def test_memory_without_the_cost_volume():
    size, k = (16, 16, 56, 56), 10
    features = on_device(random_features(*size))
    volume = 4 * (2 * k + 1) ** 2 * size[0] * size[2] * size[3]
    for backward in (False, True):
        torch.cuda.synchronize(DEVICE)
        torch.cuda.reset_peak_memory_stats(DEVICE)
        before = torch.cuda.memory_allocated(DEVICE)
        found = match(*features, max_displacement=k)
        if backward:
            torch.autograd.grad(found, features, [torch.ones_like(x) for x in found])
        torch.cuda.synchronize(DEVICE)
        assert torch.cuda.max_memory_allocated(DEVICE) - before < volume / 2
        del found


@needs_gpu
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason='one GPU')
def test_a_device_that_is_not_the_current_one():
    features = random_features(2, 16, 5, 17)
    expected = matching_and_gradients(on_device(features), max_displacement=2)
    other = torch.device('cuda', torch.cuda.device_count() - 1)
    with torch.cuda.device(0):
        found = matching_and_gradients(on_device(features, other), max_displacement=2)
    assert {x.device for x in found} == {other}
    torch.testing.assert_close(on_cpu(found), on_cpu(expected))


@needs_gpu
def test_a_stream_of_its_own():
    features = on_device(random_features(4, 32, 20, 20))
    expected = matching_and_gradients(features, max_displacement=3)
    stream = torch.cuda.Stream(DEVICE)
    stream.wait_stream(torch.cuda.current_stream(DEVICE))
    with torch.cuda.stream(stream):
        found = matching_and_gradients(features, max_displacement=3)
    torch.cuda.current_stream(DEVICE).wait_stream(stream)
    assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))
