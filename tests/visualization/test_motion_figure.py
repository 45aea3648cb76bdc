"""The figure of a clip: what it holds, and what it refuses."""

import sys

import numpy as np
import pytest
from matplotlib.quiver import Quiver

from msnet_mmaction.visualization import displacement_to_rgb, motion_figure


def clip(num_frames=4, height=12, width=20, rows=3, columns=5):
    rng = np.random.default_rng(0)
    return {
        'frames': rng.integers(0, 255, (num_frames, height, width, 3), dtype=np.uint8),
        'displacement': rng.normal(0, 2, (num_frames - 1, 2, rows, columns)),
        'confidence': rng.uniform(size=(num_frames - 1, rows, columns)),
        'true_displacement': rng.normal(0, 2, (num_frames - 1, 2, height, width)),
    }


def visible_pictures(figure):
    return [ax for ax in figure.axes if ax.images]


def texts(figure):
    found = [text.get_text() for ax in figure.axes for text in [ax.title, *ax.texts]]
    return [*found, figure.get_suptitle()]


@pytest.mark.parametrize('with_truth', [True, False])
def test_rows_and_words(with_truth):
    arguments = clip()
    if not with_truth:
        del arguments['true_displacement']
    figure = motion_figure(**arguments, title='a clip', max_displacement=7)
    # Frames, pairs in two or three rows, and the wheel; the colour bar draws no image.
    assert len(visible_pictures(figure)) == 4 + 3 * (3 if with_truth else 2) + 1
    words = ' '.join(texts(figure))
    for word in ('a clip', 'left', 'right', 'up', 'down', '7 px', 'Estimated', 'Confidence'):
        assert word in words
    assert ('True' in words) == with_truth


def test_estimate_and_truth_share_one_scale(tmp_path):
    arguments = clip()
    arguments['displacement'][:] = 0
    arguments['true_displacement'][:] = 0
    arguments['displacement'][:, 0] = 3
    arguments['true_displacement'][:, 0] = 6
    figure = motion_figure(**arguments)
    assert '6 px' in ' '.join(texts(figure))
    shown = [ax.images[0].get_array() for ax in figure.axes if any_arrows(ax)]
    expected = displacement_to_rgb(np.array([[[3.0]], [[0.0]]]), 6)[0, 0]
    assert (shown[0] == expected).all()
    assert (shown[3] == [255, 0, 0]).all()
    figure.savefig(tmp_path / 'motion.png', dpi=30)
    assert (tmp_path / 'motion.png').stat().st_size > 1000


def any_arrows(ax):
    return any(isinstance(artist, Quiver) for artist in ax.collections)


def test_arrows_have_the_length_and_place_of_the_motion():
    arguments = clip(num_frames=2, rows=3, columns=5)
    del arguments['true_displacement']
    arguments['displacement'][:, 0], arguments['displacement'][:, 1] = 2, -1
    figure = motion_figure(**arguments)
    (ax,) = [ax for ax in figure.axes if any_arrows(ax)]
    (arrows,) = [artist for artist in ax.collections if isinstance(artist, Quiver)]
    assert arrows.scale == 1
    assert (arrows.U == 2).all()
    assert (arrows.V == -1).all()
    # y points down: the larger value is at the bottom.
    assert ax.get_ylim() == (11.5, -0.5)
    # The positions lie in the middle of what they stand for: 4 pixels each.
    assert set(np.unique(arrows.X)) <= {1.5, 5.5, 9.5, 13.5, 17.5}
    assert set(np.unique(arrows.Y)) <= {1.5, 5.5, 9.5}


def test_not_a_number_is_left_out(tmp_path):
    arguments = clip()
    arguments['displacement'][0] = np.nan
    arguments['true_displacement'][:, :, :4] = np.nan
    arguments['confidence'][1] = np.nan
    motion_figure(**arguments).savefig(tmp_path / 'some.png', dpi=30)
    for name in ('displacement', 'true_displacement', 'confidence'):
        arguments[name][:] = np.nan
    motion_figure(**arguments).savefig(tmp_path / 'all.png', dpi=30)


def test_pyplot_is_not_needed():
    before = 'matplotlib.pyplot' in sys.modules
    motion_figure(**clip())
    assert ('matplotlib.pyplot' in sys.modules) == before


@pytest.mark.parametrize(
    ('name', 'value', 'message'),
    [
        ('frames', np.zeros((4, 12, 20, 3)), 'frames are uint8'),
        ('frames', np.zeros((1, 12, 20, 3), np.uint8), 'T >= 2'),
        ('displacement', np.zeros((4, 2, 3, 5)), r'estimated displacement of 4 frames is \(3, 2'),
        ('displacement', np.zeros((3, 3, 5, 2)), 'estimated displacement'),
        ('true_displacement', np.zeros((3, 12, 20)), 'true displacement'),
        ('confidence', np.zeros((3, 1, 3, 5)), r'confidence of 4 frames is \(3, h, w\)'),
        ('frame_names', ['a', 'b'], '4 frames, but 2 frame_names'),
    ],
)
def test_wrong_shapes(name, value, message):
    with pytest.raises(ValueError, match=message):
        motion_figure(**{**clip(), name: value})
