"""The operation as an operator of torch: compile, modes, threads, and the choice of a backend."""

import math
import threading
import warnings

import pytest
import torch

from msnet_mmaction.ops import available_backends, choose_backend, match
from msnet_mmaction.ops.matching import backends
from msnet_mmaction.ops.matching.operator import match_op
from msnet_mmaction.ops.matching.space_to_batch import batch_to_space, space_to_batch
from msnet_mmaction.ops.matching.tiling import Tiling
from tests.helpers.matching_cases import matching_and_gradients, random_features, random_like


@pytest.mark.parametrize('dilation', [1, 2])
def test_opcheck(dilation):
    source, target = random_features(2, 4, 5, 7)
    torch.library.opcheck(match_op, (source, target, 2, dilation, 5.0, 0.1, False))
    torch.library.opcheck(match_op, (source.detach(), target, 2, dilation, None, 0.1, False))


@pytest.mark.parametrize('dynamic', [False, True])
def test_compiles_without_a_break(dynamic):
    def matching(source, target):
        return match(source, target, max_displacement=2, temperature=0.1)

    compiled = torch.compile(matching, fullgraph=True, dynamic=dynamic, backend='aot_eager')
    for size in ((2, 8, 7, 9), (3, 8, 6, 9)):
        features = random_features(*size)
        expected = matching(*features)
        found = compiled(*features)
        torch.testing.assert_close(tuple(found), tuple(expected))
        gradients = [torch.autograd.grad(x, features, random_like(x)) for x in (expected, found)]
        torch.testing.assert_close(gradients[1], gradients[0])


def test_training_after_inference_mode():
    features = random_features(1, 8, 7, 9)
    with torch.inference_mode():
        inferred = match(*features, max_displacement=2)
    displacement, confidence, *gradients = matching_and_gradients(features, max_displacement=2)
    torch.testing.assert_close(tuple(inferred), (displacement, confidence))
    assert all(gradient.abs().sum() > 0 for gradient in gradients)


def test_either_output_and_either_input_alone():
    source, target = random_features(1, 8, 7, 9)
    options = {'max_displacement': 2, 'temperature': 0.1}
    for name in ('displacement', 'confidence'):
        grads = []
        for backend in ('reference', 'cpu'):
            found = getattr(match(source, target.detach(), backend=backend, **options), name)
            grads.append(torch.autograd.grad(found.square().sum(), source)[0])
        torch.testing.assert_close(grads[1], grads[0], rtol=1e-3, atol=1e-4)


def test_threads_do_not_meet():
    cases = [random_features(2, 8, 9, 11, seed=seed) for seed in range(4)]
    expected = [matching_and_gradients(x, max_displacement=3) for x in cases]
    results: list = [None] * len(cases)

    def work(i):
        for _ in range(5):
            results[i] = matching_and_gradients(cases[i], max_displacement=3)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(cases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for got, want in zip(results, expected, strict=True):
        torch.testing.assert_close(got, want)


def test_deterministic_mode():
    features = random_features(2, 8, 9, 11)
    torch.use_deterministic_algorithms(True)
    try:
        first, second = (matching_and_gradients(features, max_displacement=3) for _ in range(2))
    finally:
        torch.use_deterministic_algorithms(False)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_second_derivative_is_refused():
    features = random_features(1, 4, 5, 5)
    found = match(*features, max_displacement=1, backend='cpu')
    (gradient,) = torch.autograd.grad(found.displacement.sum(), features[:1], create_graph=True)
    with pytest.raises(RuntimeError, match='no second derivative'):
        gradient.sum().backward()


def test_choice_of_backend(monkeypatch):
    features = torch.zeros(1, 4, 5, 5)
    assert choose_backend(features) == 'cpu'
    assert choose_backend(features.bfloat16()) == 'cpu'
    assert choose_backend(features.double()) == 'reference'
    assert choose_backend(features, 'export') == 'export'
    assert set(available_backends()) >= {'reference', 'export', 'cpu'}
    assert ('triton' in available_backends()) <= torch.cuda.is_available()

    on_gpu = torch.empty(1, 4, 5, 5, device='meta')
    monkeypatch.setattr(backends, '_warned', set())
    with pytest.warns(UserWarning, match='slow backend'):
        assert choose_backend(on_gpu) == 'export'
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        assert choose_backend(on_gpu) == 'export'


def test_forced_backend_which_cannot_serve():
    features = torch.zeros(1, 4, 5, 5)
    with pytest.raises(ValueError, match="no backend 'cuda'"):
        match(features, features, backend='cuda')
    with pytest.raises(RuntimeError, match="'triton' cannot serve"):
        match(features, features, backend='triton')
    with pytest.raises(RuntimeError, match="'cpu' cannot serve"):
        match(features.to('meta'), features.to('meta'), backend='cpu')


@pytest.mark.parametrize(
    ('target', 'options', 'message'),
    [
        (torch.zeros(1, 4, 5, 6), {}, 'of one shape'),
        (torch.zeros(1, 4, 5, 5).double(), {}, 'of one dtype'),
        (torch.zeros(1, 4, 5, 5), {'max_displacement': -1}, 'max_displacement >= 0'),
        (torch.zeros(1, 4, 5, 5), {'dilation': 0}, 'dilation >= 1'),
        (torch.zeros(1, 4, 5, 5), {'sigma': 0.0}, 'sigma > 0'),
        (torch.zeros(1, 4, 5, 5), {'temperature': 0.0}, 'temperature > 0'),
    ],
)
def test_arguments_out_of_range(target, options, message):
    with pytest.raises(ValueError, match=message):
        match(torch.zeros(1, 4, 5, 5), target, **options)


@pytest.mark.parametrize(('height', 'width'), [(1, 1), (5, 29), (8, 14), (9, 3)])
def test_tiling(height, width):
    tiling = Tiling(3, height, width)
    x = torch.randn(2, 3, height, width, dtype=torch.float64)
    torch.testing.assert_close(tiling.join(tiling.split(x)), x)
    # <split_columns(x), y> = <x, join_columns(y)>, which defines the adjoint.
    columns = tiling.split_columns(x)
    y = torch.randn_like(columns)
    torch.testing.assert_close((columns * y).sum(), (x * tiling.join_columns(y)).sum())
    windows = tiling.windows(columns)
    assert windows.shape == (tiling.rows, 2 * tiling.columns, 3, math.prod(tiling.window))
    # Views: the sum of what every window gets is what its columns have got.
    ones = torch.zeros_like(columns)
    for row in tiling.windows(ones):
        for window in row:
            window += 1
    assert ones.sum() == windows.numel()


@pytest.mark.parametrize('dilation', [1, 2, 3])
def test_space_to_batch_and_back(dilation):
    x = torch.randn(2, 3, 7, 8)
    batch = space_to_batch(x, dilation)
    assert batch.shape == (2 * dilation**2, 3, -(-7 // dilation), -(-8 // dilation))
    assert torch.equal(batch_to_space(batch, dilation, (7, 8)), x)
