"""What the tests of the matching share: features, gradients, and what they are compared by."""

import torch

from msnet_mmaction.ops import match


def random_features(*shape, dtype=torch.float32, seed=0):
    """Two frames' features with a gradient."""
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype).requires_grad_()
        for _ in range(2)
    ]


def random_like(tensors, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(x.shape, generator=generator).to(x) for x in tensors]


def matching_and_gradients(features, **options):
    """Displacement, confidence and the gradients of both frames' features."""
    found = match(*features, **options)
    gradients = torch.autograd.grad(found, features, random_like(found))
    return [x.detach() for x in (*found, *gradients)]


def exact_matching(features, **options):
    """The same by the reference in float64."""
    wide = [x.detach().double().requires_grad_() for x in features]
    return matching_and_gradients(wide, backend='reference', **options)


def assert_matching_close(actual, expected):
    """Compare float32 results with exact ones: values, or values and gradients.

    With temperature 0.01, scores' rounding grows a hundredfold on its way to weights, and the
    gradients carry another factor of 100.
    """
    for got, want, atol in zip(actual, expected, (5e-5, 1e-6, 2e-3, 2e-3), strict=False):
        torch.testing.assert_close(got.to(want), want, rtol=1e-3, atol=atol)
