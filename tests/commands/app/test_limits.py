"""What is told of a file before it is decoded."""

import numpy as np
import pytest

from msnet_mmaction.commands.app import limits
from msnet_mmaction.commands.app.limits import Limits, check_video
from msnet_mmaction.datasets import DataError
from msnet_mmaction.utils.pyav import import_av
from tests.helpers import app_files


def test_a_video_is_as_long_as_it_is(tmp_path):
    path = app_files.write_video(tmp_path / 'a clip.mp4', frames=36)
    assert check_video(path, Limits()) == pytest.approx(3, abs=0.1)
    assert check_video(path, Limits(seconds=3.1)) == pytest.approx(3, abs=0.1)
    with pytest.raises(DataError, match=r'^a clip.mp4 is longer than the limit of 2.5 s: cut it'):
        check_video(path, Limits(seconds=2.5))


def test_four_hours_are_too_long_and_nothing_is_decoded(tmp_path, monkeypatch):
    path = app_files.write_long_video(tmp_path / 'long.mp4', hours=4)
    decoded = []
    monkeypatch.setattr('msnet_mmaction.commands.app.analysis.VideoFrames', decoded.append)
    with pytest.raises(DataError, match=r'^long.mp4 is longer than the limit of 5 min 00 s'):
        check_video(path, Limits())
    assert not decoded
    assert check_video(path, Limits(seconds=5 * 3600)) > 3 * 3600


def test_a_recording_without_a_length_in_its_header(tmp_path):
    path = app_files.write_recording(tmp_path / 'camera.webm', frames=37)
    with import_av().open(str(path)) as container:
        assert container.duration is None
        assert container.streams.video[0].duration is None
    assert check_video(path, Limits()) == pytest.approx(3, abs=0.1)
    with pytest.raises(DataError, match=r'camera.webm is longer'):
        check_video(path, Limits(seconds=2))


def test_files_that_are_no_video(tmp_path):
    audio = app_files.write_audio(tmp_path / 'sound.mp4')
    text = tmp_path / 'text.mp4'
    text.write_text('a text\n' * 100)
    empty = tmp_path / 'empty.mp4'
    empty.touch()
    for path, message in (
        (audio, 'sound.mp4 holds no video, only: audio'),
        (text, 'text.mp4 is no video that can be read'),
        (empty, 'empty.mp4 is an empty file'),
        (tmp_path / 'gone.mp4', 'gone.mp4 has been removed'),
    ):
        with pytest.raises(DataError) as caught:
            check_video(path, Limits())
        assert str(caught.value).startswith(message)
        assert '\n' not in str(caught.value)


def test_the_cover_of_an_audio_file_is_no_video(tmp_path):
    path = tmp_path / 'song.mp4'
    av = import_av()
    with av.open(str(path), 'w') as output:
        sound = output.add_stream('aac', rate=16000, layout='mono')
        cover = output.add_stream('mjpeg', rate=1)
        cover.width = cover.height = 32
        cover.pix_fmt = 'yuvj420p'
        cover.disposition = type(cover.disposition).attached_pic
        image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format='rgb24')
        output.mux(cover.encode(image))
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), 'fltp', 'mono')
        frame.sample_rate = 16000
        output.mux(sound.encode(frame))
        output.mux(cover.encode(None))
        output.mux(sound.encode(None))
    with pytest.raises(DataError, match=r'song.mp4 holds no video'):
        check_video(path, Limits())


def test_a_file_and_frames_that_are_too_large(tmp_path, monkeypatch):
    path = app_files.write_video(tmp_path / 'clip.mp4')
    with pytest.raises(DataError, match=r'clip.mp4 has .* MB, and the limit is 0.001 MB'):
        check_video(path, Limits(megabytes=0.001))
    monkeypatch.setattr(limits, 'MAX_PIXELS', 48 * 128 - 1)
    with pytest.raises(DataError, match=r'clip.mp4 has frames of 128 x 48 pixels'):
        check_video(path, Limits())
