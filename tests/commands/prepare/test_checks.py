"""The check of a file: no good one is refused, no broken one passes without a word."""

import io

import numpy as np
import pytest

from msnet_mmaction.commands.prepare import check_frames, check_video
from msnet_mmaction.datasets.errors import DataError
from msnet_mmaction.datasets.readers.frame_files import read_frame_file
from msnet_mmaction.utils.pyav import import_av
from tests.helpers.containers import ROWS, with_sound
from tests.helpers.downloads import jpeg
from tests.helpers.videos import video


def check(tmp_path, data):
    (tmp_path / 'clip').write_bytes(data)
    return check_video(tmp_path / 'clip')


@pytest.mark.parametrize('row', ROWS, ids=lambda row: ', '.join(row[:3]))
def test_no_whole_video_is_refused(tmp_path, row):
    assert check(tmp_path, row.data()) == (len(row.numbers), None, 0)


SINGLE = dict(b_frames=0, gop=1)  # each frame on its own: half of the file is half of the frames


@pytest.mark.parametrize(
    ('container', 'codec'),
    [
        ('matroska', 'libx264'),
        ('webm', 'libvpx-vp9'),
        ('avi', 'mpeg4'),
        ('avi', 'libx264'),
        ('avi', 'mjpeg'),
        ('flv', 'flv'),
        ('mp4', 'libx264'),
    ],
)
def test_a_video_that_was_cut_off_is_refused(tmp_path, container, codec):
    faststart = tmp_path / 'whole.mp4' if container == 'mp4' else None
    data = video(container, codec, faststart=faststart, **SINGLE)
    frames, fault, _ = check(tmp_path, data[: int(0.6 * len(data))])
    assert 10 <= frames < 30
    assert fault.startswith(f'it is cut off: {frames} of ')
    promised = int(fault.removeprefix(f'it is cut off: {frames} of ').split()[0])
    assert 38 <= promised <= 42


def test_a_video_cut_off_with_its_sound_is_refused(tmp_path):
    data = with_sound('matroska', 'libx264', 'aac', 40 / 12)
    assert 'it is cut off' in check(tmp_path, data[: len(data) // 2]).fault


@pytest.mark.parametrize(
    ('container', 'codec'),
    [
        ('mp4', 'libx264'),
        ('avi', 'mpeg4'),
        ('avi', 'libx264'),
        ('avi', 'mjpeg'),  # decoders conceal it, and say nothing unless they are strict
        ('matroska', 'libx264'),
    ],
)
def test_damage_is_told_and_the_video_is_used(tmp_path, container, codec):
    coding = dict(b_frames=0) if codec == 'mjpeg' else dict(options={'b': '2M'}, gop=6)
    data = bytearray(video(container, codec, size=(256, 192), **coding))
    rng = np.random.default_rng(1)
    place = len(data) // 2 - 200
    data[place : place + 400] = rng.integers(0, 256, 400, dtype=np.uint8).tobytes()
    frames, fault, damaged = check(tmp_path, bytes(data))
    assert fault is None
    assert frames >= 20
    assert damaged >= 1


def test_a_video_of_which_a_strict_decoder_shows_nothing_is_used(tmp_path):
    data = video('avi', 'mjpeg', b_frames=0)
    with import_av().open(io.BytesIO(data)) as container:
        packets = [bytes(packet) for packet in container.demux() if packet.size]
    for content in packets:
        place = len(content) - 100
        junk = b'\xff\x00\xff\x00'
        data = data.replace(content, content[:place] + junk + content[place + len(junk) :])
    assert check(tmp_path, data) == (40, None, 40)


def test_frames_that_lack_between_others_are_told(tmp_path):
    """As where the header of a cluster of Matroska is damaged: what is in it is not found."""
    times = [number + (6 if number >= 20 else 0) for number in range(40)]
    assert check(tmp_path, video('matroska', times=times)) == (40, None, 6)
    # Where frames come at any time, nothing can be told.
    times = np.cumsum(np.random.default_rng(0).integers(1, 20, 40)).tolist()
    assert check(tmp_path, video('matroska', times=times)) == (40, None, 0)


@pytest.mark.parametrize('tail', [b'', bytes(200), bytes(5000), b'\xff\xd8\xff\xd9 more'])
def test_what_follows_a_jpeg_matters_neither_in_training_nor_here(tmp_path, tail):
    path = tmp_path / '00001.jpg'
    path.write_bytes(jpeg(3) + tail)
    assert check_frames(tmp_path) == (1, None, 0)
    assert read_frame_file(path).shape == (48, 96, 3)


def test_the_end_of_a_preview_is_not_that_of_the_jpeg(tmp_path):
    path = tmp_path / '00001.jpg'
    preview = jpeg(1)
    header = b'\xff\xe1' + (len(preview) + 2).to_bytes(2, 'big') + preview
    whole = jpeg(3)[:2] + header + jpeg(3)[2:]
    path.write_bytes(whole)
    assert check_frames(tmp_path).fault is None
    path.write_bytes(whole[: len(header) + 300])
    assert check_frames(tmp_path).fault == '1 of 1 frames are broken; 00001.jpg is truncated'
    with pytest.raises(DataError, match=r'00001\.jpg is truncated'):
        read_frame_file(path)
