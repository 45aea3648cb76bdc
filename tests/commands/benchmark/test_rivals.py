"""Other ways to match give what the reference gives: they are timed like for like."""

import pytest
import torch

from msnet_mmaction.commands.benchmark.rivals import RIVALS, correlate_all_pairs
from msnet_mmaction.ops import match
from msnet_mmaction.ops.matching import reference
from tests.helpers.matching_cases import assert_matching_close, random_features, random_like


# The last is larger than the image.
@pytest.mark.parametrize('k', [0, 1, 3, 9])
def test_all_pairs_correlate_as_the_reference(k):
    source, target = (x.detach().double() for x in random_features(2, 4, 5, 8))
    found = correlate_all_pairs(source, target, k)
    torch.testing.assert_close(found.relu(), reference.correlation(source, target, k, 1))


@pytest.mark.parametrize('compiled', [False, pytest.param(True, marks=pytest.mark.slow)])
def test_matrix_product_agrees_with_the_reference(compiled):
    features = random_features(2, 8, 6, 9)
    found = RIVALS['matrix-product'].make(compiled)(*features, 2)
    gradients = torch.autograd.grad(found, features, random_like(found))
    wide = [x.detach().double().requires_grad_() for x in features]
    exact = match(*wide, max_displacement=2, backend='reference')
    exact = [*exact, *torch.autograd.grad(exact, wide, random_like(exact))]
    assert_matching_close([x.detach() for x in (*found, *gradients)], exact)


def test_tail_of_constant_features():
    """Of equal scores the first wins in both."""
    features = torch.ones(1, 3, 4, 5)
    found = RIVALS['matrix-product'].make(False)(features, features, 1)
    exact = match(features, features, max_displacement=1, backend='reference')
    torch.testing.assert_close(found, tuple(exact), rtol=1e-4, atol=1e-4)


def test_half_precision_is_read_in_float32():
    features = [x.detach().bfloat16() for x in random_features(1, 8, 5, 6)]
    found = RIVALS['matrix-product'].make(False)(*features, 2)
    exact = match(*features, max_displacement=2, backend='reference')
    assert {x.dtype for x in found} == {torch.float32}
    assert (found[1] - exact.confidence).abs().max() < 0.01


@pytest.mark.parametrize('name', ['mmcv', 'localcorr'])
def test_others_need_a_package_and_a_gpu(name, monkeypatch):
    rival = RIVALS[name]
    module = 'msnet_mmaction.commands.benchmark.rivals.find_spec'
    monkeypatch.setattr(module, lambda package: None)
    assert rival.hindrance(torch.device('cuda')) == f'{name} is not installed'
    monkeypatch.setattr(module, lambda package: object())
    assert rival.hindrance(torch.device('cuda')) is None
    assert rival.hindrance(torch.device('cpu')) == f'{name} needs a GPU'
