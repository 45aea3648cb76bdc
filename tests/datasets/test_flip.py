import numpy as np
import pytest
from mmaction.registry import TRANSFORMS

from msnet_mmaction.datasets import flip_label_map, load_classes
from msnet_mmaction.datasets.labels.classes import lone_directions


def test_mirrored_classes_are_those_of_the_authors_and_of_mmaction2():
    # By name in the sorted order: the ids of the authors' code. In mmaction2's order of V1 they
    # are other ones, which facts about the lists tell.
    sorted_pairs = flip_label_map(load_classes('sthv2'))
    assert sorted_pairs == {86: 87, 87: 86, 93: 94, 94: 93, 166: 167, 167: 166}
    assert flip_label_map(load_classes('sthv1')) == {2: 4, 4: 2, 30: 41, 41: 30, 52: 66, 66: 52}


def test_class_lists():
    v1, v2 = load_classes('sthv1'), load_classes('sthv2')
    assert len(v2) == 174
    assert sorted(v1) == v2 != v1


def test_words_are_matched_whole(tmp_path):
    path = tmp_path / 'map.txt'
    path.write_text('left\nright\nupright\nturning bright\n')
    assert flip_label_map(load_classes(str(path))) == {0: 1, 1: 0}


@pytest.mark.parametrize('content', [None, 'a\nb\na\n'])
def test_wrong_label_maps(tmp_path, content):
    path = tmp_path / 'map.txt'
    if content:
        path.write_text(content)
    with pytest.raises(ValueError, match='twice: a' if content else 'neither'):
        load_classes(str(path))


def flipped(label, **kwargs):
    transform = TRANSFORMS.build(
        dict(type='DirectionAwareFlip', classes='sthv2', flip_ratio=1.0, **kwargs)
    )
    frame = np.arange(12, dtype=np.uint8).reshape(1, 4, 3)
    out = transform(dict(imgs=[frame.copy()], label=label, modality='RGB', img_shape=(1, 4)))
    mirror = np.array_equal(out['imgs'][0], frame[:, ::-1])
    assert mirror or np.array_equal(out['imgs'][0], frame)
    return mirror, out['label']


def test_directions_are_kept_or_swapped():
    assert flipped(86) == (False, 86)
    assert flipped(85) == (True, 85)
    assert flipped(86, directions='swap') == (True, 87)
    assert flipped(85, directions='swap') == (True, 85)
    with pytest.raises(ValueError, match='directions'):
        flipped(0, directions='mirror')


def test_flow_is_mirrored_as_a_field():
    transform = TRANSFORMS.build(dict(type='DirectionAwareFlip', classes='sthv2', flip_ratio=1.0))
    flows = np.random.default_rng(0).integers(0, 256, (3, 2, 4, 2), dtype=np.uint8)
    out = transform(dict(imgs=list(flows.copy()), label=0, modality='Flow', img_shape=(2, 4)))
    x, y = np.moveaxis(np.array(out['imgs']), -1, 0)
    # Quantised: -x is 255 - x.
    assert np.array_equal(x, 255 - flows[:, :, ::-1, 0])
    assert np.array_equal(y, flows[:, :, ::-1, 1])


def test_directions_in_the_spellings_of_folders():
    names = ['Turn Left', 'TurnLeft', 'turn_left', 'TURN LEFT', 'leftover', 'Leftover', 'LeftHand']
    names += ['Turn Right', 'TurnRight', 'turn_right', 'TURN RIGHT', 'RightHand', 'Bright', 'éleft']
    pairs = {0: 7, 1: 8, 2: 9, 3: 10, 6: 11}
    assert flip_label_map(names) == pairs | {b: a for a, b in pairs.items()}
    assert lone_directions([*names, 'go left', 'copyright']) == ['go left']


def test_turns():
    names = ['Turning Hand Clockwise', 'Turning Hand Counterclockwise', 'clockwise left']
    names += ['anti-clockwise right', 'like clockwork', 'spin anticlockwise']
    assert flip_label_map(names) == {0: 1, 1: 0, 2: 3, 3: 2}
    assert lone_directions(names) == ['spin anticlockwise']
