import math

import numpy as np
import pytest

from msnet_mmaction.commands.motion_quality import (
    Errors,
    angular_error,
    endpoint_error,
    forward_backward_consistent,
    quality_figure,
    quality_table,
    tvl1_flow,
)
from msnet_mmaction.commands.motion_quality.measure import Quality


def naive(u, v, x, y):
    """End-point and angular error of Baker et al., one displacement at a time."""
    cosine = (u * x + v * y + 1) / math.sqrt((u * u + v * v + 1) * (x * x + y * y + 1))
    return math.hypot(u - x, v - y), math.degrees(math.acos(min(cosine, 1)))


def test_errors_are_those_of_the_definition():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 3, (2, 4, 2, 3, 5))
    expected = [
        naive(a[n, 0, i, j], a[n, 1, i, j], b[n, 0, i, j], b[n, 1, i, j])
        for n in range(4)
        for i in range(3)
        for j in range(5)
    ]
    np.testing.assert_allclose(endpoint_error(a, b).ravel(), [e for e, _ in expected])
    np.testing.assert_allclose(angular_error(a, b).ravel(), [e for _, e in expected], atol=1e-5)
    assert (endpoint_error(a, a) == 0).all()
    assert (angular_error(a, a) == 0).all()


def test_opposite_and_missing_motion():
    right, left, none = (np.array([x, 0.0]).reshape(2, 1, 1) for x in (1, -1, 0))
    assert angular_error(right, left) == pytest.approx(90)
    assert angular_error(right, none) == pytest.approx(45)
    assert endpoint_error(right, left) == 2


def errors(confidence=(0.1, 0.9, 0.5, 0.7)):
    endpoint = np.array([8.0, 1.0, 4.0, 3.0])
    return Errors(endpoint, 10 * endpoint, endpoint, confidence and np.array(confidence))


def test_by_confidence():
    assert errors().by_confidence(parts=2).tolist() == [6, 2]
    assert errors().by_confidence(parts=4).tolist() == [8, 4, 3, 1]
    assert errors().most_confident(0.5).endpoint_error.tolist() == [1, 3]
    shares = np.array([0.25, 0.5, 1])
    assert errors().sparsification_curve(shares).tolist() == [1, 2, 4]
    wrong = errors(confidence=(0.9, 0.1, 0.5, 0.3))
    assert wrong.sparsification_curve(shares).tolist() == [8, 6, 4]
    assert wrong.oracle_curve(shares).tolist() == [1, 2, 4]


def test_summary():
    assert errors().summary(inlier_threshold=3) == {
        'epe_mean': 4,
        'epe_median': 3.5,
        'inlier_ratio': 0.5,
        'angular_mean': 40,
    }
    joined = Errors.concatenate([errors(None), errors(None)])
    assert len(joined.endpoint_error) == 8
    assert joined.confidence is None


def test_table_plots_and_moving_positions():
    quality = Quality({'trained': errors(), 'zero motion': errors(None)}, 4.0, 0.5, clips=1)
    table = quality_table(quality).splitlines()
    assert table[2] == '| trained | 4.00 | 3.50 | 75% | 40.0° |'
    assert table[3] == '| trained, surest 50% | 2.00 | 2.00 | 100% | 20.0° |'
    assert table[-1].startswith('| zero motion | 4.00')
    left, right = quality_figure(quality, 'a title').axes
    assert left.lines[0].get_label() == right.lines[0].get_label() == 'trained'
    # The last of what is kept is all of it.
    assert right.lines[0].get_ydata()[-1] == 4
    moving = quality.moving(least=4)
    assert moving.errors['trained'].endpoint_error.tolist() == [8, 4]
    assert moving.valid_share == 0.25


def smooth_noise(height=64, width=96):
    import cv2

    noise = np.random.default_rng(0).normal(size=(height, width, 3))
    blurred = cv2.GaussianBlur(noise, (0, 0), 3)
    return np.uint8(128 + 50 * blurred / blurred.std().clip(1e-9) / 2)


def test_tvl1_has_the_sign_and_the_unit_of_a_displacement():
    first = smooth_noise()
    second = np.roll(first, (-1, 2), axis=(0, 1))  # two to the right, one up
    for backward, sign in ((False, 1), (True, -1)):
        flow = tvl1_flow(np.stack([first, second]), backward)
        assert flow.shape == (1, 2, 64, 96)
        x, y = np.median(flow[0, :, 8:-8, 8:-8], axis=(1, 2))
        assert x == pytest.approx(sign * 2, abs=0.2)
        assert y == pytest.approx(-sign, abs=0.2)


def test_consistent_flow_returns():
    forward = np.zeros((1, 2, 10, 20))
    forward[:, 0] = 3
    assert forward_backward_consistent(forward, -forward)[0, :, :17].all()
    # What leaves the frame is not known to return.
    assert not forward_backward_consistent(forward, -forward)[0, :, 17:].any()
    assert not forward_backward_consistent(forward, forward).any()
    backward = -forward
    backward[0, 0, 5, 10] = 0  # where pixel (7, 5) ends
    found = forward_backward_consistent(forward, backward)[0]
    assert not found[5, 7]
    assert found[5, 6]
    assert found[5, 8]
