"""The search of the CP module against loops over all pairs."""

import pytest
import torch

from msnet_mmaction.ops import nearest_in_other_frames


def nearest_by_loops(features, k):
    n, t, p, _ = features.shape
    found = torch.empty(n, t * p, k, dtype=torch.long)
    for clip in range(n):
        for own in range(t * p):
            distances = {
                other: float((features[clip].flatten(0, 1)[own] - candidate).norm())
                for other, candidate in enumerate(features[clip].flatten(0, 1))
                if other // p != own // p
            }
            found[clip, own] = torch.tensor(sorted(distances, key=distances.get)[:k])
    return found


@pytest.mark.parametrize('shape', [(2, 3, 5, 4), (1, 2, 4, 3), (3, 4, 1, 2)])
def test_finds_what_loops_find(shape):
    features = torch.randn(shape, generator=torch.Generator().manual_seed(0)).double()
    found = nearest_in_other_frames(features, k=3)
    assert torch.equal(found.sort().values, nearest_by_loops(features, k=3).sort().values)


def test_the_own_frame_is_left_out_even_where_it_is_nearest():
    features = torch.zeros(1, 3, 4, 2)
    features[:, 1:] = 100.0
    frames = nearest_in_other_frames(features, k=4) // 4
    own = torch.arange(12).div(4, rounding_mode='floor').view(1, 12, 1)
    assert (frames != own).all()


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_half_precision_is_searched_in_float32(dtype):
    features = torch.randn(1, 2, 40, 8, generator=torch.Generator().manual_seed(0)).to(dtype)
    with torch.autocast('cpu', torch.bfloat16):
        found = nearest_in_other_frames(features, k=2)
    assert torch.equal(found, nearest_in_other_frames(features.float(), k=2))


def test_too_few_features_are_an_error():
    with pytest.raises(ValueError, match='8 nearest features'):
        nearest_in_other_frames(torch.zeros(1, 3, 3, 2), k=8)
