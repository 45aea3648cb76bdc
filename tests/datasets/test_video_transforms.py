import numpy as np
import pytest
from mmaction.registry import TRANSFORMS

from tests.helpers.videos import number_of, video


def run(path, indices, *transforms):
    results = dict(filename=str(path), start_index=0, modality='RGB')
    built = [TRANSFORMS.build(dict(type=kind)) for kind in transforms]
    results = built[0].transform(results)
    results['frame_inds'] = np.array(indices)
    for transform in built[1:]:
        results = transform.transform(results)
    return results


@pytest.fixture
def path(tmp_path):
    path = tmp_path / 'a.mp4'
    path.write_bytes(video())
    return path


@pytest.mark.parametrize('indices', [[0, 9, 30], [30, 9, 9, 0, 9], [[3], [20], [39]]])
def test_in_the_place_of_the_transforms_of_mmaction2(path, indices):
    ours = run(path, indices, 'VideoInit', 'VideoDecode')
    stock = run(path, indices, 'DecordInit', 'DecordDecode')
    assert np.array_equal(ours['imgs'], stock['imgs'])
    for key in ('total_frames', 'img_shape', 'original_shape', 'video_reader'):
        assert ours[key] == stock[key]
    assert ours['avg_fps'] == pytest.approx(stock['avg_fps'])


def test_frames_that_are_shown_twice_can_be_changed_one_by_one(path):
    images = run(path, [7, 7], 'VideoInit', 'VideoDecode')['imgs']
    images[0][:] = 0
    assert number_of(images[1]) == 7


def test_a_name_without_suffix_is_an_mp4(path):
    assert run(path.with_suffix(''), [1], 'VideoInit', 'VideoDecode')['total_frames'] == 40


@pytest.mark.parametrize('backends', [[], ['opencv']])
def test_unknown_backends(backends):
    with pytest.raises(ValueError, match=r'backends must be some of .*pyav'):
        TRANSFORMS.build(dict(type='VideoInit', backends=backends))
