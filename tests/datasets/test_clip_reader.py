import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.dataset import Compose

from msnet_mmaction.commands.demo.motion_data import encode
from msnet_mmaction.datasets import ClipReader, DataError, VideoFrames

FORMAT = [dict(type='FormatShape', input_format='NCHW'), dict(type='PackActionInputs')]
SAMPLER = dict(type='SampleFrames', clip_len=1, num_clips=4, test_mode=True)


@pytest.fixture
def frames():
    return np.random.default_rng(0).integers(0, 255, (9, 48, 96, 3), dtype=np.uint8)


@pytest.fixture
def video(frames, tmp_path):
    path = tmp_path / 'clip.mp4'
    path.write_bytes(encode(frames, 'mp4'))
    return path


@pytest.fixture
def folder(frames, tmp_path):
    folder = tmp_path / 'frames'
    folder.mkdir()
    for number, frame in enumerate(frames, start=1):
        cv2.imwrite(str(folder / f'{number:05}.png'), frame[..., ::-1])
    return folder


def test_what_the_network_gets_is_what_its_pipeline_gives(video):
    pipeline = Config.fromfile('configs/demo/msnet_r18_motion.py').test_pipeline
    expected = Compose(pipeline)(
        dict(filename=str(video), label=-1, start_index=0, modality='RGB')
    )['inputs']
    reader, file = ClipReader(pipeline, 4), VideoFrames(video)
    clip = reader.read(file, reader.sample(file))
    assert (clip.inputs['inputs'] == expected).all()
    assert (clip.frames == expected.numpy().transpose(0, 2, 3, 1)).all()
    assert clip.originals.shape == (4, 48, 96, 3)


def test_a_pipeline_of_folders_reads_both_and_originals_are_cut_as_the_input(frames, folder, video):
    steps = [
        SAMPLER,
        dict(type='RawFrameDecode'),
        dict(type='Resize', scale=(192, 96), keep_ratio=False),
        dict(type='CenterCrop', crop_size=64),
        *FORMAT,
    ]
    reader = ClipReader(steps, 4)
    clip = reader.read(VideoFrames(folder), (0, 2, 4, 8))
    assert clip.frames.shape == (4, 64, 64, 3)
    # A crop of 64 of 192 x 96 at twice the size is 32 of 96 x 48, from (32, 8).
    assert (clip.originals == frames[[0, 2, 4, 8], 8:40, 32:64]).all()
    assert reader.read(VideoFrames(video), (0, 2, 4, 8)).frames.shape == (4, 64, 64, 3)


def test_of_several_clips_and_crops_one_is_read(folder, frames):
    steps = [
        dict(type='DecordInit'),
        dict(type='SampleFrames', clip_len=3, num_clips=5, test_mode=True),
        dict(type='DecordDecode'),
        dict(type='ThreeCrop', crop_size=48),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs'),
    ]
    reader = ClipReader(steps)
    assert reader.num_frames == 3
    clip = reader.read(VideoFrames(folder), (1, 2, 3))
    assert clip.inputs['inputs'].shape == (1, 3, 3, 48, 48)
    assert (clip.frames == frames[1:4, :, 24:72]).all()


def test_pipelines_that_do_not_decode():
    with pytest.raises(ValueError, match='transforms are FormatShape, PackActionInputs'):
        ClipReader(FORMAT, 4)


def test_wrong_frames(folder):
    reader = ClipReader([SAMPLER, dict(type='RawFrameDecode'), *FORMAT], 4)
    with pytest.raises(ValueError, match='takes 4 frames'):
        reader.read(VideoFrames(folder), (0, 1))
    with pytest.raises(DataError, match=r'9 frames, numbered from 0.*\[0, 1, 2, 9\]'):
        reader.read(VideoFrames(folder), (0, 1, 2, 9))


def test_what_is_no_video(tmp_path, frames):
    text, empty, one = (tmp_path / name for name in ('text.mp4', 'empty.mp4', 'one.mp4'))
    text.write_text('not a video')
    empty.touch()
    one.write_bytes(encode(frames[:1], 'mp4'))
    (tmp_path / 'folder').mkdir()
    for path, error, message in (
        (tmp_path / 'nothing.mp4', FileNotFoundError, 'no such video'),
        (text, DataError, 'can not be opened'),
        (empty, DataError, 'is an empty file'),
        (one, DataError, '1 frames: motion needs two'),
        (tmp_path / 'folder', DataError, 'folder without pictures.*no files'),
    ):
        with pytest.raises(error, match=f'{path.name}.*{message}'):
            VideoFrames(path)


def test_a_damaged_picture_is_named(folder):
    (folder / '00003.png').write_text('no picture')
    with pytest.raises(DataError, match=r'00003\.png is not a picture'):
        VideoFrames(folder).read([2])
