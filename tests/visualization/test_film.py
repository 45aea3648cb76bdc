"""Films: what each picture shows, and files that are whole or not there."""

import decord
import numpy as np
import pytest
import torch
from PIL import Image

from msnet_mmaction.structures import MotionField
from msnet_mmaction.utils.files import atomic_write
from msnet_mmaction.visualization import (
    displacement_to_rgb,
    motion_film,
    write_gif,
    write_mp4,
)


def film(overlay='arrows', backward=False, confidence=True, **kwargs):
    """Frames that are red, then green, then blue; what moves does so by 4 pixels to the right."""
    frames = np.zeros((3, 24, 32, 3), np.uint8)
    frames[[0, 1, 2], :, :, [0, 1, 2]] = 255
    displacement = torch.zeros(2, 2, 6, 8)
    displacement[:, 0] = 1  # position, of 4 pixels
    sure = torch.linspace(0, 1, 2 * 48).reshape(2, 6, 8) if confidence else None
    field = MotionField(displacement, sure, backward)
    return list(motion_film(frames, field, overlay, max_displacement=8, width=400, **kwargs))


def has(picture, color, at_least=500):
    return (np.abs(picture.astype(int) - color).max(axis=-1) <= 2).sum() >= at_least


def test_a_picture_shows_the_frame_its_colours_and_its_confidence():
    pictures = film(title='a film')
    assert len(pictures) == 2
    assert pictures[0].shape == pictures[1].shape
    assert pictures[0].shape[1] == 400
    half_red = displacement_to_rgb(np.array([[[4.0]], [[0.0]]]), 8)[0, 0]
    for picture, frame in zip(pictures, ([255, 0, 0], [0, 255, 0]), strict=True):
        assert has(picture, frame)
        assert has(picture, half_red)
    viridis = ([68, 1, 84], [253, 231, 37])
    assert has(pictures[0], viridis[0], 20)
    assert has(pictures[1], viridis[1], 20)
    # The scale of the confidence is that of the whole film.
    assert not has(pictures[1], viridis[0], 20)


def test_a_backward_field_lies_over_the_later_frame():
    first, second = film(backward=True)
    assert has(first, [0, 255, 0])
    assert has(second, [0, 0, 255])


def test_colours_over_the_video():
    # Half of the frame in grey, a third of 255, and half of the colour.
    over = (85 + displacement_to_rgb(np.array([[[4.0]], [[0.0]]]), 8)[0, 0].astype(int)) / 2
    assert has(film('colors', confidence=False)[0], over)
    with pytest.raises(ValueError, match=r"no overlay 'dots'; there are arrows, colors"):
        film('dots')


def test_mp4(tmp_path):
    pictures = [np.full((31, 41, 3), value, np.uint8) for value in (20, 120, 220)]
    write_mp4(tmp_path / 'film.mp4', pictures, fps=5)
    video = decord.VideoReader(str(tmp_path / 'film.mp4'))
    assert len(video) == 3
    assert video.get_avg_fps() == 5
    read = video.get_batch(range(3)).asnumpy()
    assert read.shape[1:] == (30, 40, 3)
    np.testing.assert_allclose(read.mean(axis=(1, 2, 3)), [20, 120, 220], atol=3)


def test_gif(tmp_path):
    pictures = [np.full((20, 30, 3), value, np.uint8) for value in (20, 120, 220)]
    write_gif(tmp_path / 'film.gif', pictures, fps=5)
    with Image.open(tmp_path / 'film.gif') as gif:
        assert gif.n_frames == 3
        assert gif.info['duration'] == 200
        assert gif.info['loop'] == 0
        for n, value in enumerate((20, 120, 220)):
            gif.seek(n)
            assert abs(np.asarray(gif.convert('RGB')).mean() - value) < 8


@pytest.mark.parametrize('write', [write_mp4, write_gif])
def test_a_film_that_fails_leaves_what_was_there(tmp_path, write):
    path = tmp_path / f'film.{write.__name__[-3:]}'
    path.write_text('the old one')

    def broken():
        yield np.zeros((20, 30, 3), np.uint8)
        raise RuntimeError('no more')

    with pytest.raises(RuntimeError, match='no more'):
        write(path, broken(), fps=5)
    with pytest.raises(ValueError, match='needs a frame'):
        write(path, [], fps=5)
    assert path.read_text() == 'the old one'
    assert list(tmp_path.iterdir()) == [path]


def test_a_whole_file_has_its_suffix_while_it_is_written(tmp_path):
    with atomic_write(tmp_path / 'figure.pdf') as part:
        part.write_text('half')
        assert part.suffix == '.pdf'
        assert not (tmp_path / 'figure.pdf').exists()
    assert [path.name for path in tmp_path.iterdir()] == ['figure.pdf']
