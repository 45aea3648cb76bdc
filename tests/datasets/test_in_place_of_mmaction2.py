"""Our decoders with the arguments and data of mmaction2's: the ``type`` is all that changes."""

import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from mmaction.registry import TRANSFORMS
from mmengine.fileio.io import backend_instances

from msnet_mmaction.datasets.errors import DataError
from tests.helpers.videos import number_of, numbered, video

INDICES = np.array([[3], [20], [20], [39]])


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / 'a.mp4'
    path.write_bytes(video())
    return path


@pytest.fixture
def folder(tmp_path):
    for number in range(40):
        cv2.imwrite(str(tmp_path / f'{number:05}.png'), numbered(number)[..., ::-1])
    return tmp_path


def read_video(path, init, decode, **keys):
    results = dict(filename=str(path), start_index=0, modality='RGB', **keys)
    results = TRANSFORMS.build(init).transform(results)
    results['frame_inds'] = INDICES.copy()
    return TRANSFORMS.build(decode).transform(results)


def read_frames(folder, decode, **keys):
    results = dict(
        frame_dir=str(folder), filename_tmpl='{:05}.png', modality='RGB', frame_inds=INDICES.copy()
    )
    return TRANSFORMS.build(decode).transform(results | keys)


def assert_same(ours, theirs):
    assert ours.keys() >= theirs.keys()
    for key, value in theirs.items():
        if key in ('total_frames', 'avg_fps'):
            assert ours[key] == pytest.approx(value)
        else:
            assert np.array_equal(ours[key], value), key
            assert getattr(ours[key], 'dtype', None) == getattr(value, 'dtype', None), key


BOXES = dict(gt_bboxes=np.array([[0.1, 0.2, 0.5, 0.75]]), proposals=np.array([[0, 0, 1, 0.5]]))


@pytest.mark.parametrize('keys', [{}, BOXES, BOXES | {'proposals': None}], ids=str)
@pytest.mark.parametrize(
    ('init', 'decode', 'arguments', 'mode'),
    [
        ('DecordInit', 'DecordDecode', {}, {}),
        ('DecordInit', 'DecordDecode', dict(io_backend='disk', num_threads=2), {}),
        ('DecordInit', 'DecordDecode', dict(io_backend='disk'), dict(mode='accurate')),
        ('PyAVInit', 'PyAVDecode', {}, {}),
        ('PyAVInit', 'PyAVDecode', dict(io_backend='disk'), dict(multi_thread=True)),
    ],
)
def test_videos(clip, init, decode, arguments, mode, keys):
    if init == 'PyAVInit':
        keys = {}  # PyAVDecode leaves them as they are
    theirs = read_video(clip, dict(type=init, **arguments), dict(type=decode, **mode), **keys)
    ours = read_video(
        clip, dict(type='VideoInit', **arguments), dict(type='VideoDecode', **mode), **keys
    )
    assert_same(ours, theirs)


def test_the_efficient_mode_gives_the_frames_asked_for(clip):
    ours = read_video(clip, dict(type='VideoInit'), dict(type='VideoDecode', mode='efficient'))
    assert [number_of(image) for image in ours['imgs']] == INDICES.ravel().tolist()
    with pytest.raises(ValueError, match=r"'accurate' or 'efficient', got 'fast'"):
        TRANSFORMS.build(dict(type='VideoDecode', mode='fast'))


@pytest.mark.parametrize('backends', [['pyav'], ['decord']])
def test_a_reader_has_a_length(clip, backends):
    opened = TRANSFORMS.build(dict(type='VideoInit', backends=backends))
    results = opened.transform(dict(filename=str(clip)))
    assert len(results['video_reader']) == results['total_frames'] == 40


@pytest.mark.parametrize('keys', [{}, BOXES], ids=str)
@pytest.mark.parametrize(
    'arguments', [{}, dict(io_backend='disk'), dict(decoding_backend='pillow')], ids=str
)
def test_frames(folder, arguments, keys):
    theirs = read_frames(folder, dict(type='RawFrameDecode', **arguments), **keys)
    assert_same(read_frames(folder, dict(type='FrameFilesDecode', **arguments), **keys), theirs)


@pytest.fixture
def served(tmp_path, clip, folder):
    """The folder as an URL."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.log_message = lambda *args: None
    with ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}'
        server.shutdown()


@pytest.mark.parametrize('io_backend', ['http', 'disk'])
def test_files_of_a_web_server(served, io_backend):
    """Where mmaction2's ``disk`` looks for a file of that name, ours goes by the URL."""
    keys = dict(io_backend=io_backend)
    ours = read_video(f'{served}/a.mp4', dict(type='VideoInit', **keys), dict(type='VideoDecode'))
    assert [number_of(image) for image in ours['imgs']] == INDICES.ravel().tolist()
    ours = read_frames(served, dict(type='FrameFilesDecode', **keys))
    assert [number_of(image) for image in ours['imgs']] == INDICES.ravel().tolist()


@pytest.fixture
def petrel(monkeypatch, tmp_path):
    """A client of Petrel, whose cluster is a folder."""

    class Client:
        def __init__(self, conf_path, enable_mc):
            self.arguments = conf_path, enable_mc

        def Get(self, path):
            clients.append(self.arguments)
            return memoryview((tmp_path / path.removeprefix('s3://bucket/')).read_bytes())

    clients = []
    module = SimpleNamespace(client=SimpleNamespace(Client=Client))
    monkeypatch.setitem(sys.modules, 'petrel_client', module)
    backend_instances.clear()
    yield clients
    backend_instances.clear()


def test_files_of_petrel(petrel, clip, folder):
    """As mmaction2's configs say: ``file_args = dict(io_backend='petrel', path_mapping=...)``."""
    keys = dict(io_backend='petrel', path_mapping={'data/': 's3://bucket/'}, conf_path='my.conf')
    for read in (
        partial(read_video, 'data/a.mp4', dict(type='VideoInit', **keys), dict(type='VideoDecode')),
        partial(read_frames, 'data', dict(type='FrameFilesDecode', **keys)),
    ):
        assert [number_of(image) for image in read()['imgs']] == INDICES.ravel().tolist()
    assert set(petrel) == {('my.conf', True)}


@pytest.mark.parametrize('kind', ['VideoInit', 'FrameFilesDecode'])
def test_arguments_that_do_not_fit(kind):
    build = partial(TRANSFORMS.build, dict(type=kind))
    with pytest.raises(TypeError, match=r"'disk' takes no arguments, got .*db_path"):
        TRANSFORMS.build(dict(type=kind, db_path='data.lmdb'))
    with pytest.raises(ValueError, match=r'not both'):
        TRANSFORMS.build(dict(type=kind, io_backend='http', backend_args=dict(backend='local')))
    assert 'io_backend=disk' in repr(build())


def test_an_unknown_decoding_backend():
    with pytest.raises(ValueError, match=r"decoding_backend must be one of .*got 'magick'"):
        TRANSFORMS.build(dict(type='FrameFilesDecode', decoding_backend='magick'))


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
def test_a_broken_picture_is_named_by_any_backend(folder, backend):
    Path(folder, '00003.png').write_bytes(b'no picture' * 9)
    with pytest.raises(DataError, match=r'00003\.png is not a picture'):
        read_frames(folder, dict(type='FrameFilesDecode', decoding_backend=backend))
