"""The figure of a clip: what it holds, and what it refuses."""

import sys

import numpy as np
import pytest
import torch
from matplotlib.quiver import Quiver

from msnet_mmaction.structures import MotionField
from msnet_mmaction.visualization import displacement_to_rgb, motion_figure, round_scale


def field_of(frames, displacement, confidence=None, backward=False):
    """A field whose displacement is given in pixels of the frames."""
    if displacement.ndim == 4 and displacement.shape[1] == 2:
        position = np.divide(frames.shape[2:0:-1], displacement.shape[:1:-1])
        displacement = displacement / position[:, None, None]
    confidence = None if confidence is None else torch.from_numpy(confidence)
    return MotionField(torch.from_numpy(displacement), confidence, backward)


def draw(frames, displacement, confidence, true_displacement=None, backward=False, **kwargs):
    fields = {'Estimate': field_of(frames, displacement, confidence, backward)}
    if true_displacement is not None:
        fields['Truth'] = field_of(frames, true_displacement)
    return motion_figure(frames, fields, **kwargs)


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
    figure = draw(**arguments, title='a clip', max_displacement=7)
    # Frames, pairs in two or three rows, and the wheel; the colour bar draws no image.
    assert len(visible_pictures(figure)) == 4 + 3 * (3 if with_truth else 2) + 1
    words = ' '.join(texts(figure))
    for word in ('a clip', 'left', 'right', 'up', 'down', '7 px', 'Estimate', 'confidence'):
        assert word in words
    assert ('Truth' in words) == with_truth


def test_estimate_and_truth_share_one_scale(tmp_path):
    arguments = clip()
    arguments['displacement'][:] = 0
    arguments['true_displacement'][:] = 0
    arguments['displacement'][:, 0] = 3
    arguments['true_displacement'][:, 0] = 6
    figure = draw(**arguments)
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
    figure = draw(**arguments)
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


def arrow_tips(figure):
    """Start and end of all arrows of the first pair of frames."""
    (ax, *_) = [ax for ax in figure.axes if any_arrows(ax)]
    (arrows,) = [artist for artist in ax.collections if isinstance(artist, Quiver)]
    return arrows.X, arrows.Y, arrows.U, arrows.V


def test_arrows_are_drawn_where_the_match_is_sure():
    arguments = clip(num_frames=2, rows=2, columns=5, height=8)
    arguments['displacement'][:] = 3
    del arguments['true_displacement']
    # Three of ten positions are below the surest 70 %.
    arguments['confidence'] = np.array([[[0.1, 0.2, 0.3, 0.8, 0.8], [0.8, 0.8, 0.8, 0.8, 0.8]]])
    x, y, _, _ = arrow_tips(draw(**arguments))
    assert not set(zip(x, y, strict=True)) & {(1.5, 1.5), (5.5, 1.5), (9.5, 1.5)}
    assert len(x) > 0


def test_what_stands_still_has_no_arrow():
    arguments = clip(num_frames=2)
    arguments['displacement'][:] = 0.01
    arguments['true_displacement'][:] = 0
    assert not [ax for ax in draw(**arguments).axes if any_arrows(ax)]


def test_a_backward_field_is_named_from_each_frame_to_the_one_before():
    words = texts(draw(**clip(num_frames=3), backward=True, frame_names=['4', '7', '9']))
    assert {'7 → 4', '9 → 7', '4 → 7', '7 → 9'} <= set(words)


def test_the_scale_is_that_of_sure_displacements():
    displacement = np.zeros((1, 2, 2, 5))
    displacement[0, 0] = 4.5
    displacement[0, 0, 0, 0] = 100
    confidence = np.ones((1, 2, 5))
    confidence[0, 0, 0] = 0
    frames = np.zeros((2, 6, 20, 3), np.uint8)

    def scale(displacement, confidence=None):
        return round_scale([field_of(frames, displacement, confidence)], height=6, width=20)

    assert scale(displacement, confidence) == 5
    assert scale(displacement) > 90
    assert scale(0 * displacement) == 1


def test_there_must_be_a_field():
    with pytest.raises(ValueError, match='no field'):
        motion_figure(clip()['frames'], {})


def test_not_a_number_is_left_out(tmp_path):
    arguments = clip()
    arguments['displacement'][0] = np.nan
    arguments['true_displacement'][:, :, :4] = np.nan
    arguments['confidence'][1] = np.nan
    draw(**arguments).savefig(tmp_path / 'some.png', dpi=30)
    for name in ('displacement', 'true_displacement', 'confidence'):
        arguments[name][:] = np.nan
    draw(**arguments).savefig(tmp_path / 'all.png', dpi=30)


def test_pyplot_is_not_needed():
    before = 'matplotlib.pyplot' in sys.modules
    draw(**clip())
    assert ('matplotlib.pyplot' in sys.modules) == before


@pytest.mark.parametrize(
    ('name', 'value', 'message'),
    [
        ('frames', np.zeros((4, 12, 20, 3)), 'frames are uint8'),
        ('frames', np.zeros((1, 12, 20, 3), np.uint8), 'T >= 2'),
        (
            'displacement',
            np.zeros((4, 2, 3, 5)),
            r'Estimate: the displacement of 4 frames is \(3, 2',
        ),
        ('displacement', np.zeros((3, 3, 5, 2)), 'Estimate: the displacement'),
        ('true_displacement', np.zeros((3, 12, 20)), 'Truth: the displacement'),
        (
            'confidence',
            np.zeros((3, 1, 3, 5)),
            r'Estimate: the confidence of 4 frames is \(3, h, w\)',
        ),
        ('frame_names', ['a', 'b'], '4 frames, but 2 frame_names'),
    ],
)
def test_wrong_shapes(name, value, message):
    with pytest.raises(ValueError, match=message):
        draw(**{**clip(), name: value})
