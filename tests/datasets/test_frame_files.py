import cv2
import numpy as np
import pytest
from mmaction.registry import TRANSFORMS

from msnet_mmaction.datasets.errors import DataError
from tests.helpers.videos import number_of, numbered


@pytest.fixture
def folder(tmp_path):
    for number in range(1, 9):
        cv2.imwrite(str(tmp_path / f'{number:05}.jpg'), numbered(number)[..., ::-1])
    return tmp_path


def read(folder, indices, kind='FrameFilesDecode', **keys):
    results = dict(
        frame_dir=str(folder), filename_tmpl='{:05}.jpg', modality='RGB', frame_inds=indices
    )
    return TRANSFORMS.build(dict(type=kind)).transform(results | keys)


@pytest.mark.parametrize('keys', [{}, dict(offset=2)])
@pytest.mark.parametrize('indices', [[1, 4, 6], [5, 2, 5, 5], [[3], [1]]])
def test_the_frames_of_mmaction2(folder, indices, keys):
    ours = read(folder, np.array(indices), **keys)
    stock = read(folder, np.array(indices), 'RawFrameDecode', **keys)
    assert np.array_equal(ours['imgs'], stock['imgs'])
    expected = np.ravel(indices) + keys.get('offset', 0)
    assert [number_of(image) for image in ours['imgs']] == expected.tolist()
    for key in ('img_shape', 'original_shape'):
        assert ours[key] == stock[key] == (48, 128)


def test_the_flow_of_mmaction2(tmp_path):
    for number in range(1, 4):
        for axis, image in zip('xy', (numbered(number), numbered(number)[::-1]), strict=True):
            cv2.imwrite(str(tmp_path / f'flow_{axis}_{number:05}.jpg'), image)
    keys = dict(filename_tmpl='flow_{}_{:05}.jpg', modality='Flow')
    ours, stock = (
        read(tmp_path, np.array([1, 3, 3]), kind, **keys)
        for kind in ('FrameFilesDecode', 'RawFrameDecode')
    )
    assert ours['imgs'][0].shape == (48, 128, 2)
    assert np.array_equal(ours['imgs'], stock['imgs'])
    assert ours['img_shape'] == stock['img_shape']


def test_frames_that_are_shown_twice_can_be_changed_one_by_one(folder):
    first, second = read(folder, np.array([7, 7]))['imgs']
    first[:] = 0
    assert number_of(second) == 7


@pytest.mark.parametrize(
    ('damage', 'what'),
    [
        (lambda data: b'', 'is empty'),
        (lambda data: data[: len(data) // 2], 'is truncated'),
        (lambda data: b'not a picture' * 99, 'is not a picture'),
    ],
)
def test_a_broken_frame_is_named(folder, damage, what):
    path = folder / '00003.jpg'
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=rf'00003\.jpg {what}'):
        read(folder, np.array([1, 3]))
    assert len(read(folder, np.array([1, 2]))['imgs']) == 2


def test_a_missing_frame_is_named(folder):
    with pytest.raises(DataError, match=r'00009\.jpg can not be read'):
        read(folder, np.array([9]))
