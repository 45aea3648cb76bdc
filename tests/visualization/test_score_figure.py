import numpy as np
import pytest

from msnet_mmaction.visualization import figure_to_rgb, score_figure


def test_a_line_a_class():
    scores = np.array([[0.7, 0.2], [0.4, 0.5], [0.1, 0.9]])
    names = ['_private $name', 'x' * 100]
    figure = score_figure(np.array([0, 1, 2]), np.array([2, 3, 4]), scores, names)
    (axes,) = figure.axes
    np.testing.assert_allclose(axes.lines[0].get_xydata(), [[1, 0.7], [2, 0.4], [3, 0.1]])
    np.testing.assert_allclose(axes.lines[1].get_ydata(), [0.2, 0.5, 0.9])
    assert axes.get_xlim() == (0, 4)
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == [r'_private \$name', 'x' * 31 + '…']
    picture = figure_to_rgb(figure)
    assert picture.std() > 10


def test_one_window():
    figure = score_figure(np.array([0.0]), np.array([1.5]), np.array([[0.3]]), ['a'])
    assert figure.axes[0].get_xlim() == (0, 1.5)


def test_shapes_that_disagree():
    with pytest.raises(ValueError, match=r'are \(2, 1\), got \(1, 1\)'):
        score_figure(np.array([0, 1]), np.array([1, 2]), np.array([[0.3]]), ['a'])
    with pytest.raises(ValueError, match='0 windows'):
        score_figure(np.zeros(0), np.zeros(0), np.zeros((0, 1)), ['a'])
