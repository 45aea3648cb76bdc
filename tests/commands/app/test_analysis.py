"""What the page shows, without the page."""

import numpy as np
import pytest

from msnet_mmaction.apis import Prediction
from msnet_mmaction.commands.app.analysis import Settings, analyse
from msnet_mmaction.commands.app.limits import Limits
from msnet_mmaction.commands.app.networks import open_network
from msnet_mmaction.datasets import DataError, VideoFrames
from tests.helpers import app_files

SETTINGS = Settings(window=1.0, film_step=2, film_frames=8)


@pytest.fixture(scope='module')
def networks(tmp_path_factory):
    """One that estimates motion, and one that does not."""
    folder = tmp_path_factory.mktemp('checkpoints')
    names = folder / 'names.txt'
    names.write_text('\n'.join(f'name {n}' for n in range(8)))
    squeeze, plain = app_files.write_checkpoints(folder)
    return (
        open_network(app_files.CONFIG, squeeze, str(names), 'cpu'),
        open_network(app_files.PLAIN_CONFIG, plain, None, 'cpu'),
    )


def test_names_of_classes(networks, tmp_path):
    squeeze, plain = networks
    assert squeeze.class_names[3] == 'name 3'
    assert plain.class_names[3] == 'class 3'
    few = tmp_path / 'few.txt'
    few.write_text('a\nb\n')
    with pytest.raises(ValueError, match=r'few.txt names 2 classes, and the network .* has 8'):
        open_network(app_files.CONFIG, None, str(few), 'cpu')


def test_top_five_chart_and_film(networks, tmp_path):
    video = app_files.write_video(tmp_path / 'clip.mp4', frames=30)
    told = []
    found = analyse(
        networks[0],
        video,
        tmp_path / 'film.mp4',
        SETTINGS,
        Limits(),
        lambda share, what: told.append((what, share)),
    )
    scores = list(found.top.values())
    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)
    assert set(found.top) < {f'name {n}' for n in range(8)}
    assert found.chart.axes[0].get_xlim() == (0, 2.5)
    assert len(VideoFrames(found.film)) == 7
    assert found.caption.endswith('frames 0 to 14, every 2.')
    assert {what for what, share in told if share == 1} == {'scores', 'motion'}


def test_a_network_without_motion_has_no_film(networks, tmp_path):
    video = app_files.write_video(tmp_path / 'clip.mp4')
    found = analyse(networks[1], video, tmp_path / 'film.mp4', SETTINGS, Limits())
    assert len(found.top) == 5
    assert found.film is None
    assert 'no layer of this network' in found.caption
    assert not (tmp_path / 'film.mp4').exists()


def test_a_video_too_short_for_the_film_has_scores(networks, tmp_path):
    video = app_files.write_video(tmp_path / 'short.mp4', frames=6)
    found = analyse(networks[0], video, tmp_path / 'film.mp4', SETTINGS, Limits())
    assert len(found.top) == 5
    assert found.film is None
    assert found.caption.startswith('No film: short.mp4 has 6 frames')


def test_a_recording_that_tells_no_rate(networks, tmp_path):
    video = app_files.write_recording(tmp_path / 'camera.webm')
    assert not VideoFrames(video).fps
    found = analyse(networks[0], video, tmp_path / 'film.mp4', SETTINGS, Limits())
    axes = found.chart.axes[0]
    assert axes.get_xlim() == pytest.approx((0, 40 / 12), abs=0.2)
    assert len(axes.lines[0].get_xdata()) >= 5
    assert found.film is not None


def test_errors_name_the_file_alone(networks, tmp_path):
    one = app_files.write_video(tmp_path / 'one.mp4', frames=1)
    with pytest.raises(DataError, match=r'^one.mp4 has 1 frames'):
        analyse(networks[0], one, tmp_path / 'film.mp4', SETTINGS, Limits())
    assert not (tmp_path / 'film.mp4').exists()


def test_frames_are_counted_where_the_header_tells_less(networks, tmp_path, monkeypatch):
    video = app_files.write_video(tmp_path / 'clip.mp4', frames=40)
    monkeypatch.setattr('msnet_mmaction.commands.app.analysis.check_video', lambda *_: 0.1)
    with pytest.raises(DataError, match=r'clip.mp4 has 40 frames'):
        analyse(networks[0], video, tmp_path / 'film.mp4', SETTINGS, Limits(seconds=2))


def test_scores_are_those_of_windows(networks, tmp_path, monkeypatch):
    """Best classes by the mean over the windows, each drawn at its own time."""
    scores = np.zeros((3, 8), np.float32)
    scores[:, 5], scores[:, 2] = (0.2, 0.3, 0.4), (0.1, 0.5, 0)
    video = app_files.write_video(tmp_path / 'clip.mp4')
    spans = [(0, 1), (0.5, 1.5), (1, 2)]
    asked = {}

    def predictions(model, source, **kwargs):
        asked.update(kwargs)
        for (start, end), row in zip(spans, scores, strict=True):
            yield Prediction(source, row, start=start, end=end)

    monkeypatch.setattr('msnet_mmaction.commands.app.analysis.iter_predictions', predictions)
    found = analyse(networks[1], video, tmp_path / 'film.mp4', SETTINGS, Limits())
    assert list(found.top)[:2] == ['class 5', 'class 2']
    assert found.top['class 5'] == pytest.approx(0.3)
    # The class that reaches the highest score is the first line.
    lines = found.chart.axes[0].lines
    np.testing.assert_allclose(lines[0].get_xydata(), [[0.5, 0.1], [1, 0.5], [1.5, 0]])
    np.testing.assert_allclose(lines[1].get_ydata(), [0.2, 0.3, 0.4])
    assert asked['window'] == 1.0


def test_a_video_that_breaks_off_in_decoding(networks, tmp_path, monkeypatch):
    video = app_files.write_video(tmp_path / 'clip.mp4')
    monkeypatch.setattr(
        'msnet_mmaction.commands.app.analysis.iter_predictions',
        lambda model, source, **_: iter([Prediction(source, error=f'{source}: broken')]),
    )
    with pytest.raises(DataError, match=r'^clip.mp4: broken$'):
        analyse(networks[0], video, tmp_path / 'film.mp4', SETTINGS, Limits())
