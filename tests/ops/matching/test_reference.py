"""The definition, against loops over positions and against what it must do by nature."""

import math

import pytest
import torch

from msnet_mmaction.ops import match, normalize_features
from tests.helpers.matching_cases import random_features


def loop_over_positions(source, target, k, dilation, sigma, temperature):
    """Eq. 1-5 read aloud, one number at a time."""
    n, channels, height, width = source.shape
    source, target = source.tolist(), target.tolist()

    def normalized(x, b, i, j):
        vector = [x[b][c][i][j] for c in range(channels)]
        norm = math.sqrt(sum(v * v for v in vector) + 1e-6)
        return [v / norm for v in vector]

    displacement = torch.zeros(n, 2, height, width, dtype=torch.float64)
    confidence = torch.zeros(n, 1, height, width, dtype=torch.float64)
    for b in range(n):
        for i in range(height):
            for j in range(width):
                here = normalized(source, b, i, j)
                scores = {}
                for dy in range(-k, k + 1):
                    for dx in range(-k, k + 1):
                        y, x = i + dilation * dy, j + dilation * dx
                        score = 0.0
                        if 0 <= y < height and 0 <= x < width:
                            there = normalized(target, b, y, x)
                            score = sum(p * q for p, q in zip(here, there, strict=True))
                        scores[dy, dx] = max(score, 0.0)
                best = max(scores.values())
                best_y, best_x = next(p for p, score in scores.items() if score == best)
                weights = {}
                for (dy, dx), score in scores.items():
                    kernel = 1.0
                    if sigma is not None:
                        distance = (dy - best_y) ** 2 + (dx - best_x) ** 2
                        kernel = math.exp(-distance / (2 * sigma**2))
                    weights[dy, dx] = math.exp((kernel * score - best) / temperature)
                total = sum(weights.values())
                mean_x = sum(w * dx for (_, dx), w in weights.items()) / total
                mean_y = sum(w * dy for (dy, _), w in weights.items()) / total
                displacement[b, 0, i, j] = mean_x / max(k, 1)
                displacement[b, 1, i, j] = mean_y / max(k, 1)
                confidence[b, 0, i, j] = best
    return displacement, confidence


@pytest.mark.parametrize(
    ('shape', 'k', 'dilation', 'sigma', 'temperature'),
    [
        ((2, 3, 5, 4), 1, 1, 5.0, 0.01),
        ((1, 3, 4, 6), 2, 1, 1.0, 0.1),
        ((1, 2, 5, 6), 1, 2, 2.0, 0.05),
        ((1, 3, 3, 4), 2, 1, None, 0.1),
        ((1, 3, 2, 3), 0, 1, 5.0, 0.01),
    ],
)
@pytest.mark.parametrize('backend', ['reference', 'export', 'cpu'])
def test_definition(shape, k, dilation, sigma, temperature, backend):
    source, target = random_features(*shape, dtype=torch.float64)
    expected = loop_over_positions(source, target, k, dilation, sigma, temperature)
    actual = match(
        source,
        target,
        max_displacement=k,
        dilation=dilation,
        sigma=sigma,
        temperature=temperature,
        backend=backend,
    )
    torch.testing.assert_close(tuple(actual), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize('backend', ['reference', 'export', 'cpu'])
@pytest.mark.parametrize(('dx', 'dy'), [(2, 0), (0, -3), (-3, 2), (0, 0)])
def test_rolled_image_has_its_displacement(dx, dy, backend):
    k = 3
    image = torch.randn(1, 64, 14, 17, generator=torch.Generator().manual_seed(0))
    # roll() by +2 moves content to the right: what was at x is now at x + 2.
    moved = image.roll((dy, dx), dims=(2, 3))
    found = match(image, moved, max_displacement=k, sigma=1.0, backend=backend)
    inner = found.displacement[0, :, k:-k, k:-k] * k
    torch.testing.assert_close(inner[0], torch.full_like(inner[0], dx), atol=1e-3, rtol=0)
    torch.testing.assert_close(inner[1], torch.full_like(inner[1], dy), atol=1e-3, rtol=0)
    inner = found.confidence[0, 0, k:-k, k:-k]
    torch.testing.assert_close(inner, torch.ones_like(inner), atol=1e-5, rtol=0)


@pytest.mark.parametrize('backend', ['reference', 'export', 'cpu'])
@pytest.mark.parametrize(('dilation', 'sigma'), [(1, 5.0), (2, 5.0), (1, None)])
def test_gradients_are_those_of_the_values(backend, dilation, sigma):
    features = random_features(1, 2, 3, 4, dtype=torch.float64)

    def values(source, target):
        return tuple(
            match(
                source,
                target,
                max_displacement=1,
                dilation=dilation,
                sigma=sigma,
                temperature=0.1,
                backend=backend,
            )
        )

    assert torch.autograd.gradcheck(values, features)


def test_normalized_features_have_length_one():
    features = torch.randn(2, 8, 3, 3, dtype=torch.float16) * 50
    normalized = normalize_features(features)
    assert normalized.dtype == torch.float32
    torch.testing.assert_close(normalized.norm(dim=1), torch.ones(2, 3, 3))
    assert (normalize_features(torch.zeros(1, 8, 2, 2)) == 0).all()
