import struct

import numpy as np
import pytest
from mmengine.logging import MMLogger

from msnet_mmaction.datasets.errors import DataError
from msnet_mmaction.datasets.readers import video as video_readers
from msnet_mmaction.datasets.readers.pyav_reader import to_rgb
from msnet_mmaction.datasets.readers.video import DecordReader, PyAVReader, open_video
from msnet_mmaction.utils.pyav import import_av
from tests.helpers.containers import cut_by_edit_list
from tests.helpers.videos import KINDS, broken, number_of, video

INDICES = [[0], [39], [5, 6, 7], [38, 0, 20, 21], list(range(40)), [13, 36]]


# decord 0.6 answers [39] with frame 38 of it, and [13, 36] with 3 and 38.
MIXED_UP_BY_DECORD = 'avi, MPEG-4 with B-frames'


@pytest.fixture(scope='module', params=KINDS)
def kind_and_data(request):
    return request.param, KINDS[request.param]()


@pytest.mark.parametrize('indices', INDICES)
def test_the_frames_asked_for_come_as_decord_gives_them(kind_and_data, indices):
    kind, data = kind_and_data
    reader = PyAVReader(data)
    assert reader.num_frames == 40
    assert reader.frame_rate == pytest.approx(12)
    frames = reader.read(indices)
    assert [number_of(frame) for frame in frames] == indices
    if kind != MIXED_UP_BY_DECORD:
        assert np.array_equal(frames, DecordReader(data).read(indices))
    # Once more: reading leaves nothing behind.
    assert np.array_equal(frames, reader.read(indices))


def test_frames_count_by_their_order_whatever_their_times():
    times = np.cumsum(np.random.default_rng(0).integers(1, 20, 40)).tolist()
    reader = PyAVReader(video(times=times))
    assert [number_of(frame) for frame in reader.read([0, 9, 39])] == [0, 9, 39]


@pytest.mark.parametrize('size', [(63, 48), (64, 47), (63, 47)])
def test_odd_sizes(size):
    data = video('webm', 'libvpx-vp9', size=size)
    (frame,) = PyAVReader(data).read([3])
    assert frame.shape == (*size[::-1], 3)
    difference = np.abs(frame.astype(int) - DecordReader(data).read([3])[0])
    # The two FFmpegs find the colours between the rows of an odd height differently.
    assert difference.max() <= (8 if size[1] % 2 else 0)
    assert difference.mean() < 0.3


# The matrix of a track header (ISO/IEC 14496-12): x' = a x + c y, y' = b x + d y, with y down.
@pytest.mark.parametrize(
    ('matrix', 'clockwise'), [((0, 1, -1, 0), 1), ((-1, 0, 0, -1), 2), ((0, -1, 1, 0), 3)]
)
def test_a_video_is_turned_as_it_asks_for(matrix, clockwise):
    data = video()
    plain = PyAVReader(data).read([4, 30])
    a, b, c, d = (value << 16 for value in matrix)
    place = data.index(b'tkhd') + 44
    turned = data[:place] + struct.pack('>9i', a, b, 0, c, d, 0, 0, 0, 1 << 30) + data[place + 36 :]
    for frame, expected in zip(PyAVReader(turned).read([4, 30]), plain, strict=True):
        assert np.array_equal(frame, np.rot90(expected, -clockwise))
        assert frame.flags.c_contiguous


def test_frames_that_an_edit_list_cuts_off_do_not_count():
    reader = PyAVReader(cut_by_edit_list(video(), 5))
    assert reader.num_frames == 35
    assert [number_of(frame) for frame in reader.read([0, 20, 34])] == [5, 25, 39]


@pytest.mark.parametrize('length', [1, 2, 3])
@pytest.mark.parametrize('kind', KINDS)
def test_very_short_videos(kind, length):
    reader = PyAVReader(KINDS[kind](frames=length))
    assert reader.num_frames == length
    assert [number_of(frame) for frame in reader.read(range(length))] == list(range(length))


@pytest.mark.parametrize('kind', ['mp4, H.264 with B-frames', 'webm, VP9'])
def test_a_frame_that_does_not_decode_is_an_error_that_costs_no_other_part(kind):
    reader = PyAVReader(broken(KINDS[kind](), packet=14))  # after the second key frame, at 12
    assert reader.num_frames == 40
    with pytest.raises(DataError, match='decode'):
        reader.read(list(range(12, 24)))
    # Only what a frame needs is decoded, so the others still are.
    assert [number_of(frame) for frame in reader.read([5, 30])] == [5, 30]


@pytest.mark.parametrize('kind', ['avi, MPEG-4 with B-frames', 'webm, VP8 with hidden frames'])
def test_where_frames_are_counted_one_that_does_not_decode_is_none(kind):
    reader = PyAVReader(broken(KINDS[kind](), packet=14))
    assert reader.num_frames == 39
    with pytest.raises(DataError, match='decode'):
        reader.read([5, 20])  # what comes before the next key frame is not what it was
    assert [number_of(frame) for frame in reader.read([5, 30])] == [5, 31]


def test_frames_that_nobody_refers_to_are_left_out():
    data = video(gop=250)
    reader = PyAVReader(data)
    codec = reader._codec
    decoded = []

    class Spy:
        def __getattr__(self, name):
            return getattr(codec, name)

        def __setattr__(self, name, value):
            setattr(codec, name, value)

        def decode(self, packet):
            frames = codec.decode(packet)
            decoded.extend(frames)
            return frames

    reader._codec = Spy()
    frames = reader.read([20])
    assert number_of(frames[0]) == 20
    assert len(decoded) < 20  # of the 21 up to it


@pytest.mark.parametrize(
    'content', [b'not a video\n' * 99, b'\x1aE\xdf\xa3', video()[:300]], ids=str
)
def test_what_is_not_a_video_is_named_with_both_causes(content):
    with pytest.raises(DataError, match=r'clips/a\.mp4 can not be opened. pyav: .*decord: '):
        open_video(content, 'clips/a.mp4')


def test_an_empty_file_is_called_so():
    with pytest.raises(DataError, match=r'clips/a\.mp4 is an empty file'):
        open_video(b'', 'clips/a.mp4')


@pytest.fixture
def messages(monkeypatch):
    said = []
    monkeypatch.setattr(video_readers, '_reported', set())
    logger = MMLogger.get_current_instance()
    monkeypatch.setattr(logger, 'log', lambda level, message: said.append(message))
    return said


def test_decord_reads_where_pyav_can_not_and_that_is_said_once(monkeypatch, messages):
    def missing(data, num_threads):
        raise ImportError('videos are read by PyAV: pip install av')

    monkeypatch.setitem(video_readers.READERS, 'pyav', missing)
    for name in ('a.mp4', 'b.mp4'):
        assert isinstance(open_video(video(), name), DecordReader)
    (message,) = messages
    assert 'pip install av' in message
    assert 'decord reads a.mp4 instead' in message


def test_pyav_reads_first(messages):
    assert isinstance(open_video(video(), 'a.mp4'), PyAVReader)
    assert isinstance(open_video(video(), 'a.mp4', backends=['decord']), DecordReader)
    assert not messages


def in_bits(frame, bits):
    """The same picture, its samples in more bits."""
    av = import_av()
    deeper = av.VideoFrame(frame.width, frame.height, f'yuv420p{bits}le')
    for plane, source in zip(deeper.planes, frame.planes, strict=True):
        samples = np.frombuffer(source, np.uint8).reshape(source.height, -1)[:, : source.width]
        content = np.zeros((plane.height, plane.line_size // 2), np.uint16)
        content[:, : plane.width] = samples.astype(np.uint16) << (bits - 8)
        plane.update(content.tobytes())
    return deeper


@pytest.mark.parametrize('bits', [10, 12])
def test_a_picture_of_more_bits_has_the_same_colours(bits):
    # Colours of one pixel in four, and edges wherever they meet.
    colours = np.random.default_rng(0).integers(0, 255, (24, 64, 3), dtype=np.uint8)
    image = colours.repeat(2, axis=0).repeat(2, axis=1)
    frame = import_av().VideoFrame.from_ndarray(image, format='rgb24').reformat(format='yuv420p')
    difference = to_rgb(in_bits(frame, bits)).astype(int) - to_rgb(frame)
    assert np.abs(difference).max() <= 3  # interpolated, it is above 100
