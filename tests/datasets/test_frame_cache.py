import pickle
import sqlite3

import cv2
import numpy as np
import pytest
from mmaction.registry import TRANSFORMS

from msnet_mmaction.commands.cache import writer as frame_cache_writer
from msnet_mmaction.commands.cache.writer import write_frame_cache
from msnet_mmaction.commands.cli import main
from msnet_mmaction.datasets.errors import DataError
from msnet_mmaction.datasets.readers.frame_cache import FrameCache, decode_frame, encode_frame
from tests.helpers.videos import KINDS, number_of, numbered, video

SIZE = (24, 64)
ENCODE = frame_cache_writer._encode


@pytest.fixture
def videos(tmp_path):
    kinds = {'some/a.mp4': 'mp4, H.264 with B-frames', 'b.webm': 'webm, VP9'}
    for name, kind in kinds.items():
        path = tmp_path / 'videos' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(KINDS[kind](frames=9))
    return {name: str(tmp_path / 'videos' / name) for name in kinds}


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'caches' / 'train.cache'


def pipeline(path, file, *init):
    transforms = [
        dict(type=init[0], **(init[1] if len(init) > 1 else {})),
        dict(type='SegmentSampleFrames', num_clips=4, test_mode=True),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=SIZE[::-1], keep_ratio=False),
    ]
    results = dict(filename=file, start_index=0, modality='RGB')
    for transform in transforms:
        results = TRANSFORMS.build(transform).transform(results)
    return results


@pytest.mark.parametrize('quality', [None, 95])
def test_frames_of_the_cache_are_those_of_the_pipeline(videos, path, tmp_path, quality):
    assert write_frame_cache(path, videos, SIZE, quality) == {}
    for file in videos.values():
        cached = pipeline(
            path, file, 'FrameCacheInit', dict(cache=str(path), root=str(tmp_path / 'videos'))
        )
        plain = pipeline(path, file, 'VideoInit')
        assert cached['total_frames'] == plain['total_frames'] == 9
        assert cached['avg_fps'] == pytest.approx(12)
        difference = np.abs(np.array(cached['imgs'], int) - plain['imgs'])
        assert difference.max() <= (0 if quality is None else 60)
        assert difference.mean() <= (0 if quality is None else 4)


def test_a_jpeg_keeps_its_colours():
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 0] = 200
    again = decode_frame(encode_frame(red, 95), (16, 16), 95)
    assert np.abs(again.astype(int) - red).max() <= 3


def test_a_process_of_its_own(videos, path):
    write_frame_cache(path, videos, SIZE, workers=1)
    frames = FrameCache(path).open('b.webm').read([8, 0])
    expected = [cv2.resize(numbered(8), SIZE[::-1]), cv2.resize(numbered(0), SIZE[::-1])]
    assert np.abs(np.array(frames, int) - expected)[:, : SIZE[0] // 2].mean() < 10


def test_an_interrupted_run_goes_on(videos, path, monkeypatch):
    def stopping(video):
        if video.name == 'b.webm':
            raise KeyboardInterrupt
        return ENCODE(video)

    monkeypatch.setattr(frame_cache_writer, '_COMMIT_EVERY', -1)
    monkeypatch.setattr(frame_cache_writer, '_encode', stopping)
    with pytest.raises(KeyboardInterrupt):
        write_frame_cache(path, videos, SIZE)
    with pytest.raises(DataError, match=r'train\.cache is not complete: run .* again'):
        FrameCache(path)

    done = []
    monkeypatch.setattr(frame_cache_writer, '_encode', lambda v: done.append(v.name) or ENCODE(v))
    write_frame_cache(path, videos, SIZE)
    assert done == ['b.webm']
    assert FrameCache(path).open('some/a.mp4').num_frames == 9
    write_frame_cache(path, videos, SIZE)
    assert done == ['b.webm']  # all there: nothing is done twice


def test_what_was_not_committed_is_done_again(videos, path, monkeypatch):
    def stopping(video):
        if video.name == 'b.webm':
            raise KeyboardInterrupt
        return ENCODE(video)

    monkeypatch.setattr(frame_cache_writer, '_encode', stopping)
    with pytest.raises(KeyboardInterrupt):
        write_frame_cache(path, videos, SIZE)
    monkeypatch.setattr(frame_cache_writer, '_encode', ENCODE)
    write_frame_cache(path, videos, SIZE)
    with sqlite3.connect(path) as database:
        assert database.execute('SELECT COUNT(*) FROM frames').fetchall() == [(18,)]


def test_a_video_that_has_changed(videos, path):
    write_frame_cache(path, videos, SIZE)
    with open(videos['some/a.mp4'], 'wb') as file:
        file.write(video(frames=5))
    with pytest.raises(DataError, match=r'some/a\.mp4 has changed since'):
        FrameCache(path).open('some/a.mp4', videos['some/a.mp4'])
    FrameCache(path).open('some/a.mp4', '/gone/a.mp4')  # the videos need not be kept
    write_frame_cache(path, videos, SIZE)
    reader = FrameCache(path).open('some/a.mp4', videos['some/a.mp4'])
    assert len(reader.read(range(5))) == reader.num_frames == 5


def test_a_video_that_is_no_longer_listed_is_removed(videos, path):
    write_frame_cache(path, videos, SIZE)
    del videos['b.webm']
    write_frame_cache(path, videos, SIZE)
    with pytest.raises(DataError, match=r'holds no b\.webm'):
        FrameCache(path).open('b.webm')


def test_broken_videos_are_named_and_left_out(videos, path):
    with open(videos['b.webm'], 'wb') as file:
        file.write(b'not a video')
    assert 'b.webm can not be opened' in write_frame_cache(path, videos, SIZE)['b.webm']
    assert FrameCache(path).open('some/a.mp4').num_frames == 9


def test_other_settings_are_refused(videos, path):
    write_frame_cache(path, videos, SIZE)
    with pytest.raises(DataError, match=r"'quality': 95.*not with.*'quality': None"):
        write_frame_cache(path, videos, SIZE, quality=None)


def test_a_missing_cache_and_one_that_is_none(tmp_path):
    with pytest.raises(DataError, match=r'gone\.cache does not exist: make it with'):
        FrameCache(tmp_path / 'gone.cache')
    (tmp_path / 'text').write_text('not a cache\n' * 99)
    with pytest.raises(DataError, match='text is not a cache'):
        FrameCache(tmp_path / 'text')
    with pytest.raises(DataError, match='text is not a cache'):
        write_frame_cache(tmp_path / 'text', {}, SIZE)


def test_a_flipped_bit_is_found(videos, path):
    write_frame_cache(path, videos, SIZE, quality=None)
    reader = FrameCache(path).open('b.webm')
    (frame,) = reader.read([3])
    content = bytearray(path.read_bytes())
    content[content.index(frame.tobytes()) + 200] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=r'train\.cache is damaged \(a frame of b\.webm'):
        FrameCache(path).open('b.webm').read([3])
    assert len(FrameCache(path).open('b.webm').read([4])) == 1


def test_damaged_frames_are_written_again_on_request(videos, path, capsys):
    write_frame_cache(path, videos, SIZE, quality=None)
    (frame,) = FrameCache(path).open('b.webm').read([3])
    content = bytearray(path.read_bytes())
    content[content.index(frame.tobytes()) + 200] ^= 1
    path.write_bytes(content)
    write_frame_cache(path, videos, SIZE, quality=None)  # asked for nothing, it reads nothing
    with pytest.raises(DataError, match='is damaged'):
        FrameCache(path).open('b.webm').read([3])
    write_frame_cache(path, videos, SIZE, quality=None, verify=True)
    assert 'b.webm is damaged: 1 of 9 frames' in capsys.readouterr().out
    assert np.array_equal(FrameCache(path).open('b.webm').read([3]), [frame])
    assert len(FrameCache(path).open('some/a.mp4').read(range(9))) == 9


def test_a_cache_too_damaged_to_be_read_is_told(videos, path):
    write_frame_cache(path, videos, SIZE, quality=None)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r'train\.cache is .*damaged'):
        write_frame_cache(path, videos, SIZE, quality=None, verify=True)


def test_a_truncated_cache_is_found(videos, path):
    write_frame_cache(path, videos, SIZE, quality=None)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=r'damaged|not a cache'):
        FrameCache(path).open('b.webm').read(range(9))


def test_an_opened_transform_can_be_sent_to_a_process(videos, path, tmp_path):
    write_frame_cache(path, videos, SIZE)
    init = TRANSFORMS.build(
        dict(type='FrameCacheInit', cache=str(path), root=str(tmp_path / 'videos'))
    )
    init.transform(dict(filename=videos['b.webm']))
    again = pickle.loads(pickle.dumps(init))
    assert again.transform(dict(filename=videos['b.webm']))['total_frames'] == 9


def test_command(videos, path, tmp_path, capsys):
    (tmp_path / 'list.txt').write_text('some/a 0\nb.webm 1\n')
    (tmp_path / 'config.py').write_text(
        "train_dataloader = dict(dataset=dict(type='CheckedVideoDataset', pipeline=[], "
        f"ann_file='{tmp_path}/list.txt', data_prefix=dict(video='{tmp_path}/videos')))"
    )
    arguments = [str(tmp_path / 'config.py'), 'train', str(path), '--workers', '0', '--lossless']
    assert main(['cache', *arguments]) == 0
    assert 'train.cache: 2 of 2 videos, 0.00 GiB' in capsys.readouterr().out
    (frame,) = FrameCache(path).open('some/a.mp4').read([6])
    assert frame.shape == (240, 320, 3)
    assert number_of(cv2.resize(frame, (128, 48))) == 6
    capsys.readouterr()
    # Other settings are a line, not a traceback.
    assert main(['cache', *arguments[:-1], '--quality', '80']) == 2
    error = capsys.readouterr().err
    assert error.startswith('error: ')
    assert 'delete it, or choose another file' in error
    assert main(['cache', *arguments, '--verify']) == 0
