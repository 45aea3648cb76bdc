from pathlib import Path

import cv2
import numpy as np
import pytest

from msnet_mmaction.commands.browse.browse import browse
from msnet_mmaction.commands.cli import main
from msnet_mmaction.commands.prepare import prepare
from msnet_mmaction.datasets import CheckedRawframeDataset, DataError, load_classes
from tests.helpers.downloads import jpeg, sthv1

ROOT = Path(__file__).parents[3]


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """V1 where the configs expect it."""
    monkeypatch.chdir(tmp_path)
    prepare('sthv1', sthv1(tmp_path / 'root'))
    return tmp_path


def dataset(*flips):
    return CheckedRawframeDataset(
        ann_file='data/sthv1/sthv1_train_list_rawframes.txt',
        data_prefix=dict(img='data/sthv1/rawframes'),
        filename_tmpl='{:05}.jpg',
        classes='sthv1',
        pipeline=[
            dict(type='SampleFrames', clip_len=1, num_clips=8, test_mode=True),
            dict(type='RawFrameDecode'),
            *flips,
            dict(type='FormatShape', input_format='NCHW'),
            dict(type='PackActionInputs'),
        ],
    )


def test_frames_are_those_of_the_indices(prepared):
    # The middles of eight segments of two frames, counted from 1.
    sample = browse(dataset(), 4)
    assert sample.indices == [2, 4, 6, 8, 10, 12, 14, 16]
    assert (sample.label, sample.class_name) == (173, load_classes('sthv1')[173])
    assert sample.path == 'data/sthv1/rawframes/5'
    assert not sample.flipped
    for frame, index in zip(sample.frames, sample.indices, strict=True):
        decoded = cv2.imdecode(np.frombuffer(jpeg(index - 1), np.uint8), cv2.IMREAD_COLOR)
        np.testing.assert_array_equal(frame, decoded[..., ::-1])


def test_flips_are_told(prepared):
    always = dict(type='DirectionAwareFlip', classes='sthv1', flip_ratio=1.0)
    plain, flipped = browse(dataset(), 2), browse(dataset(always), 2)
    assert flipped.flipped
    np.testing.assert_array_equal(flipped.frames, plain.frames[:, :, ::-1])
    # Turning the camera left stays, or becomes turning it right.
    assert not browse(dataset(always), 0).flipped
    swapped = browse(dataset(dict(always, directions='swap')), 0)
    assert swapped.flipped
    assert swapped.class_name == 'Turning the camera right while filming something'


def test_a_pipeline_without_its_end(prepared):
    other = dataset()
    del other.pipeline.transforms[-1]
    with pytest.raises(DataError, match='PackActionInputs'):
        browse(other, 0)


def test_the_command_draws_a_config(prepared, capsys):
    words = ['browse', 'msnet_mmaction::msnet_r50_sthv1.py', 'out', '--number', '3']
    assert main([*words, '--rows', '2']) == 0
    sheets = [cv2.imread(f'out/train_0{page}.png') for page in range(2)]
    # Rows of a title, eight frames of 224 and their captions.
    assert [sheet.shape for sheet in sheets] == [(2 * 260, 8 * 228, 3), (260, 8 * 228, 3)]
    assert main([*words, '--rows', '2']) == 0  # the same seed draws the same
    np.testing.assert_array_equal(cv2.imread('out/train_00.png'), sheets[0])

    options = ['--cfg-options', 'train_dataloader.dataset.classes=sthv2']
    assert main([*words, *options]) == 2
    assert "the dataset has the classes 'sthv2'" in capsys.readouterr().err
