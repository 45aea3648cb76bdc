"""Colours of displacements: direction, sign, scale."""

import colorsys

import numpy as np
import pytest

from msnet_mmaction.visualization import color_wheel, displacement_to_rgb


def color(x, y, max_displacement=1.0):
    field = np.array([x, y], dtype=float).reshape(2, 1, 1)
    return displacement_to_rgb(field, max_displacement)[0, 0].astype(int)


def hue(x, y):
    """In degrees."""
    return 360 * colorsys.rgb_to_hsv(*color(x, y) / 255)[0]


@pytest.mark.parametrize(
    ('direction', 'expected'),
    [((1, 0), 0), ((0, 1), 55), ((-1, 0), 195), ((0, -1), 265)],
    ids=['right is red', 'down is yellow', 'left is cyan to blue', 'up is violet'],
)
def test_directions_have_the_hues_of_the_middlebury_wheel(direction, expected):
    assert hue(*direction) == pytest.approx(expected, abs=5)


def test_sign_turns_the_colour_to_the_other_side():
    for angle in np.linspace(0, 2 * np.pi, 24):
        x, y = np.cos(angle), np.sin(angle)
        turn = abs(hue(x, y) - hue(-x, -y))
        assert 120 < turn < 240


def test_hue_is_continuous_all_around():
    angles = np.linspace(0, 2 * np.pi, 721)
    rgb = displacement_to_rgb(np.stack([np.cos(angles), np.sin(angles)])[:, None] * 0.999, 1)[0]
    assert np.abs(np.diff(rgb.astype(int), axis=0)).max() < 12


def test_zero_is_white_and_length_saturates():
    assert (color(0, 0) == 255).all()
    saturation = [255 - color(0, length, 10).min() for length in (0, 2, 4, 6, 8, 10)]
    assert saturation == sorted(set(saturation))
    assert saturation[-1] == 255
    # Beyond the scale it is darker.
    assert color(20, 0, 10).tolist() == [191, 0, 0]


def test_scale_is_the_argument_not_the_picture():
    field = np.zeros((2, 1, 2))
    field[0] = [[3, 7]]
    both, alone = displacement_to_rgb(field, 10), displacement_to_rgb(field[..., :1], 10)
    assert (both[:, :1] == alone).all()
    assert (displacement_to_rgb(2 * field, 20) == both).all()


def test_shapes_and_unknown_values():
    fields = np.random.default_rng(0).normal(size=(3, 4, 2, 5, 6))
    fields[0, 0, 1, 2, 3] = np.nan
    fields[1, 0, 0, 0, 0] = np.inf
    rgb = displacement_to_rgb(fields, 2)
    assert rgb.shape == (3, 4, 5, 6, 3)
    assert rgb.dtype == np.uint8
    assert (rgb[0, 0, 2, 3] == 0).all()
    assert (rgb[1, 0, 0, 0] == 0).all()
    assert (rgb[2, 3] == displacement_to_rgb(fields[2, 3], 2)).all()


@pytest.mark.parametrize(('shape', 'scale'), [((3, 4, 4), 1), ((4, 4), 1), ((2, 4, 4), 0)])
def test_wrong_arguments(shape, scale):
    with pytest.raises(ValueError, match='displacement'):
        displacement_to_rgb(np.zeros(shape), scale)


def test_wheel_shows_each_direction_where_it_points():
    wheel = color_wheel(101)
    assert wheel.shape == (101, 101, 3)
    assert (wheel[50, 50] == 255).all()
    assert (wheel[0, 0] == 255).all()
    assert wheel[50, 100].tolist() == color(1, 0).tolist()
    assert wheel[100, 50].tolist() == color(0, 1).tolist()
    assert wheel[50, 0].tolist() == color(-1, 0).tolist()
    assert wheel[0, 50].tolist() == color(0, -1).tolist()
