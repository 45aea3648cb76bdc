"""The Triton backend in Triton's interpreter; run by tests/ops/matching/test_triton.py.

The interpreter must be chosen before Triton is imported, hence a process of its own.
"""

from importlib.util import find_spec

import torch

from msnet_mmaction.commands.benchmark.rivals import correlate_by_localcorr, kernel_soft_argmax
from msnet_mmaction.commands.benchmark.sweep import SETTINGS
from msnet_mmaction.ops import match, normalize_features
from msnet_mmaction.ops.matching import triton as matching_triton
from tests.helpers.matching_cases import assert_matching_close, random_features, random_like

CASES = [
    # N, C, H, W, k, dilation, sigma, temperature
    (2, 8, 5, 7, 1, 1, 5.0, 0.01),
    (1, 70, 2, 18, 2, 1, 5.0, 0.01),  # more channels than a chunk, more columns than a block
    (1, 4, 3, 5, 1, 2, 2.0, 0.05),
    (1, 4, 3, 5, 2, 1, None, 0.1),
    (1, 4, 2, 3, 0, 1, 5.0, 0.01),
    (1, 4, 1, 3, 7, 1, 5.0, 0.01),  # P = 15, larger than the image
]


class Matching(torch.autograd.Function):
    @staticmethod
    def forward(ctx, source, target, *arguments):
        found = matching_triton.forward(source, target, *arguments)
        ctx.save_for_backward(source, target, *found)
        ctx.arguments = arguments
        return found[:2]

    @staticmethod
    def backward(ctx, *gradients):
        return *matching_triton.backward(*gradients, *ctx.saved_tensors, *ctx.arguments), *[
            None
        ] * 5


def in_triton(features, options, half):
    source, target = (normalize_features(x) for x in features)
    found = Matching.apply(source, target, *options, half)
    gradients = torch.autograd.grad(found, features, random_like(found))
    return [x.detach() for x in (*found, *gradients)]


def exact(features, options):
    features = [x.detach().double().requires_grad_() for x in features]
    names = ('max_displacement', 'dilation', 'sigma', 'temperature')
    found = match(*features, **dict(zip(names, options, strict=True)), backend='reference')
    gradients = torch.autograd.grad(found, features, random_like(found))
    return [x.detach() for x in (*found, *gradients)]


def main():
    for *shape, k, dilation, sigma, temperature in CASES:
        options = (k, dilation, sigma, temperature)
        features = random_features(*shape)
        actual = in_triton(features, options, half=False)
        assert_matching_close(actual, exact(features, options))

    # Of equal scores the first wins, and nothing passes ReLU at 0.
    zeros = [torch.zeros(1, 4, 2, 3, requires_grad=True) for _ in range(2)]
    _, confidence, *gradients = in_triton(zeros, (1, 1, 0.1, 0.01), half=False)
    assert torch.equal(confidence, torch.zeros_like(confidence))
    assert not any(x.any() for x in gradients)
    same = [torch.ones(1, 4, 3, 3, requires_grad=True) for _ in range(2)]
    options = (1, 1, 0.3, 0.001)
    assert_matching_close(in_triton(same, options, half=False), exact(same, options))
    assert (in_triton(same, options, half=False)[0][0, :, 1, 1] < -0.99).all()

    # A NaN shows in all that depends on it.
    source, target = (x.detach() for x in random_features(1, 4, 2, 5))
    source[0, :, 1, 2] = float('nan')
    broken = [source.requires_grad_(), target.requires_grad_()]
    actual, want = (
        in_triton(broken, (1, 1, 5.0, 0.01), half=False),
        exact(broken, (1, 1, 5.0, 0.01)),
    )
    assert all(torch.equal(a.isnan(), b.isnan()) for a, b in zip(actual[:2], want, strict=False))
    assert all(a[b.isnan()].isnan().all() for a, b in zip(actual, want, strict=True))

    # Products in float16 flip some argmaxes: medians and the share of flips count.
    features = random_features(1, 16, 3, 16)
    options = (2, 1, 5.0, 0.01)
    for got, want, median in zip(
        in_triton(features, options, half=True),
        exact(features, options),
        (1e-2, 1e-3, 1e-2, 1e-2),
        strict=True,
    ):
        error = (got - want).abs()
        assert error.median() < median, error.median()
        assert (error > 0.1).double().mean() < 0.02

    # Other settings, as a sweep tries them, are the same operation.
    features = random_features(1, 40, 2, 35)
    options = (1, 1, 5.0, 0.01)
    want = exact(features, options)
    for setting in {(s.block, s.channels): s for s in SETTINGS}.values():
        with setting.used():
            assert_matching_close(in_triton(features, options, half=False), want)

    # Another's kernel, which the benchmark times beside ours, where it is installed.
    if find_spec('localcorr'):
        pair = [normalize_features(x.detach()) for x in random_features(1, 4, 3, 5)]
        found = kernel_soft_argmax(correlate_by_localcorr(*pair, 1))
        want = match(*pair, max_displacement=1, backend='reference')
        torch.testing.assert_close(found, tuple(want), rtol=1e-3, atol=1e-4)

    # Reproducible bit for bit: nothing is added atomically.
    first, second = (in_triton(features, options, half=False) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


if __name__ == '__main__':
    main()
