import numpy as np
import pytest

from msnet_mmaction.visualization import Strip, contact_sheet


def strip(count, height, width, value=90):
    frames = np.full((count, height, width, 3), value, np.uint8)
    return Strip(frames, 'title', [str(i) for i in range(count)])


def test_frames_are_drawn_where_they_belong():
    clip = strip(5, 30, 40)
    clip.frames[:] = np.arange(40, 240, 40)[:, None, None, None]
    sheet = contact_sheet([clip], columns=3)
    # A line of 18 pixels above, one below each of two rows; 4 pixels beside each frame.
    assert sheet.shape == (18 + 2 * (30 + 18), 3 * 44, 3)
    for i in range(5):
        top, left = 18 + i // 3 * 48, i % 3 * 44
        assert (sheet[top : top + 30, left : left + 40] == 40 * (i + 1)).all()
    assert (sheet[18 + 48 : 18 + 78, 88:] == 255).all()  # no sixth frame


def test_clips_of_other_sizes_go_below_each_other():
    sheet = contact_sheet([strip(2, 30, 40), strip(2, 50, 60)], columns=2)
    assert sheet.shape == (2 * 36 + 80, 128, 3)
    assert (sheet[18:48, 88:] == 255).all()


def test_captions_and_titles_show_and_fit():
    blank = contact_sheet([Strip(np.zeros((1, 8, 60, 3), np.uint8), '', [''])], 1)
    long = contact_sheet([Strip(np.zeros((1, 8, 60, 3), np.uint8), 'word ' * 99, ['7'])], 1)
    assert blank.shape == long.shape
    assert (blank[:18] == 255).all()
    assert (long[:18] < 255).any()
    assert (long[26:] < 255).any()


def test_wrong_input():
    with pytest.raises(ValueError, match='no clip'):
        contact_sheet([], 2)
    with pytest.raises(ValueError, match='2 frames and 1 captions'):
        contact_sheet([strip(2, 8, 8)._replace(captions=['0'])], 2)
