import cv2
import numpy as np
import pytest

from msnet_mmaction.commands.demo.motion_data import encode
from msnet_mmaction.datasets import CheckedRawframeDataset, CheckedVideoDataset, DataError

FRAMES = [
    dict(type='SampleFrames', clip_len=1, num_clips=4, test_mode=True),
    dict(type='DecordDecode'),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs'),
]


@pytest.fixture
def folder(tmp_path):
    frames = np.random.default_rng(0).integers(0, 255, (12, 48, 64, 3), dtype=np.uint8)
    for container in ('mp4', 'webm'):
        (tmp_path / f'good.{container}').write_bytes(encode(frames, container))
    return tmp_path


def videos(folder, *lines, **kwargs):
    (folder / 'list.txt').write_text(''.join(f'{line}\n' for line in lines))
    return CheckedVideoDataset(
        ann_file=str(folder / 'list.txt'),
        data_prefix=dict(video=str(folder)),
        pipeline=[dict(type='DecordInit'), *FRAMES],
        num_classes=2,
        test_mode=True,
        **kwargs,
    )


@pytest.mark.parametrize('container', ['mp4', 'webm'])
def test_good_videos_are_read(folder, container):
    dataset = videos(folder, f'good.{container} 1')
    assert dataset[0]['inputs'].shape == (4, 3, 48, 64)
    assert int(dataset[0]['data_samples'].gt_label) == 1


@pytest.mark.parametrize(
    ('lines', 'message'),
    [
        ([], r'list\.txt is empty'),
        (['good.mp4 0', 'gone.mp4 1'], r'1 of 2 files of .*list\.txt do not exist.*gone\.mp4'),
        (['good.mp4 2'], r'good\.mp4 has label 2, but there are 2 classes'),
        (['good.mp4 -1'], r'label -1'),
        (['good.mp4 zero'], r"list\.txt: a line is not '<video> <label>'"),
        (['good.mp4 0 1'], r"a line is not '<video> <label>'"),
    ],
)
def test_wrong_lists_are_named_when_loaded(folder, lines, message):
    with pytest.raises(DataError, match=message):
        videos(folder, *lines)


def test_missing_list(tmp_path):
    with pytest.raises(DataError, match=r'nowhere\.txt does not exist'):
        CheckedVideoDataset(ann_file=str(tmp_path / 'nowhere.txt'), pipeline=[])


@pytest.mark.parametrize('content', ['empty', 'truncated', 'text'])
@pytest.mark.parametrize('container', ['mp4', 'webm'])
def test_broken_videos_are_named_when_read(folder, container, content):
    good = (folder / f'good.{container}').read_bytes()
    # A webm file cut later on is the shorter video that it now is: nothing in it tells.
    kept = len(good) // 3 if container == 'mp4' else 200
    broken = {'empty': b'', 'truncated': good[:kept], 'text': b'not a video\n' * 99}
    (folder / f'bad.{container}').write_bytes(broken[content])
    dataset = videos(folder, f'bad.{container} 0')
    with pytest.raises(DataError, match=rf'bad\.{container} \(entry 0 of .*list\.txt\) could not'):
        dataset[0]


def test_a_video_of_one_frame_is_repeated(folder):
    frame = np.full((1, 48, 64, 3), 90, np.uint8)
    (folder / 'one.mp4').write_bytes(encode(frame, 'mp4'))
    assert videos(folder, 'one.mp4 0')[0]['inputs'].shape == (4, 3, 48, 64)


def rawframes(folder, line):
    (folder / 'list.txt').write_text(f'{line}\n')
    return CheckedRawframeDataset(
        ann_file=str(folder / 'list.txt'),
        data_prefix=dict(img=str(folder)),
        filename_tmpl='{:05}.jpg',
        pipeline=[FRAMES[0], dict(type='RawFrameDecode'), *FRAMES[2:]],
        num_classes=2,
        test_mode=True,
    )


@pytest.fixture
def frame_folder(tmp_path):
    (tmp_path / 'clip').mkdir()
    for i in range(1, 9):
        cv2.imwrite(str(tmp_path / 'clip' / f'{i:05}.jpg'), np.full((48, 64, 3), 9 * i, np.uint8))
    return tmp_path


def test_raw_frames(frame_folder):
    assert rawframes(frame_folder, 'clip 8 1')[0]['inputs'].shape == (4, 3, 48, 64)


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        ('gone 8 1', r'do not exist.*gone'),
        ('clip 8 5', r'clip has label 5'),
        ('clip eight 1', r'a line is not'),
        ('clip', r'a line is not'),
    ],
)
def test_wrong_lists_of_frames(frame_folder, line, message):
    with pytest.raises(DataError, match=message):
        rawframes(frame_folder, line)


def test_a_frame_count_that_disagrees_is_named(frame_folder):
    dataset = rawframes(frame_folder, 'clip 80 1')
    with pytest.raises(DataError, match=r'clip \(entry 0 of .*not as long as the list says'):
        dataset[0]
