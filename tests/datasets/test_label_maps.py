import pytest
from mmaction.registry import TRANSFORMS

from msnet_mmaction.commands.prepare import prepare
from msnet_mmaction.datasets import CheckedVideoDataset, DataError, load_classes
from msnet_mmaction.datasets.labels.label_maps import check_flips
from tests.helpers.downloads import hmdb51, sthv1, video


def test_orders_of_something_v1():
    csv_order, by_name = load_classes('sthv1'), load_classes('sthv1-by-name')
    assert by_name == sorted(csv_order) != csv_order
    # V2 numbers the same names in the order of the names.
    assert by_name == load_classes('sthv2')


@pytest.mark.parametrize(('name', 'count'), [('k400', 400), ('hmdb51', 51)])
def test_lists_by_name(name, count):
    classes = load_classes(name)
    assert len(classes) == count
    assert classes == sorted(classes) == load_classes(f'{name}-by-name')


def dataset(tmp_path, *lines, **kwargs):
    for name in {line.split(' ')[0] for line in lines}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(video('mp4'))
    (tmp_path / 'list.txt').write_text(''.join(f'{line}\n' for line in lines))
    return CheckedVideoDataset(
        ann_file=str(tmp_path / 'list.txt'),
        data_prefix=dict(video=str(tmp_path)),
        **{'pipeline': [], **kwargs},
    )


def test_a_list_of_the_other_order(tmp_path):
    (tmp_path / 'label_map.txt').write_text('\n'.join(load_classes('sthv1')))
    assert dataset(tmp_path, 'a.mp4 3', classes='sthv1').num_classes == 174
    message = (
        r"beside .*label_map\.txt do not fit the classes 'sthv1-by-name': label 0 is 'Holding "
        r"something' instead of 'Approaching .*\(the same classes in another order\).*list\.txt"
    )
    with pytest.raises(DataError, match=message):
        dataset(tmp_path, 'a.mp4 3', classes='sthv1-by-name')


def test_a_list_by_the_scripts_of_tsm(tmp_path):
    (tmp_path / 'category.txt').write_text('\n'.join(load_classes('sthv1-by-name')))
    dataset(tmp_path, 'a.mp4 3', classes='sthv2')
    with pytest.raises(DataError, match=r"category\.txt do not fit the classes 'sthv1'"):
        dataset(tmp_path, 'a.mp4 3', classes='sthv1')
    with pytest.raises(DataError, match='174 classes instead of 51'):
        dataset(tmp_path, 'a.mp4 3', classes='hmdb51')


def test_folders_of_classes(tmp_path):
    dataset(tmp_path, 'air_drumming/a.mp4 1', 'b.mp4 3', 'elsewhere/c.mp4 7', classes='k400')
    with pytest.raises(DataError, match=r'list\.txt gives .*air_drumming/a\.mp4 the label 2, but '):
        dataset(tmp_path, 'air_drumming/a.mp4 2', classes='k400')


def test_labels_out_of_range(tmp_path):
    with pytest.raises(
        DataError, match=r"a\.mp4 has label 51, but there are 51 classes of 'hmdb51'"
    ):
        dataset(tmp_path, 'a.mp4 51', classes='hmdb51')
    with pytest.raises(DataError, match="num_classes is 400, but 'hmdb51' has 51 classes"):
        dataset(tmp_path, 'a.mp4 0', classes='hmdb51', num_classes=400)


def test_what_prepare_writes_fits(tmp_path):
    """Each list fits its own label map, and no other."""
    for name, tree, classes in (('sthv1', sthv1, 'sthv1'), ('hmdb51', hmdb51, 'hmdb51')):
        out = tmp_path / 'out' / name
        prepare(name, tree(tmp_path / name), out)
        lists = [path for path in out.glob('*.txt') if path.name != 'label_map.txt']
        assert lists
        for path in lists:
            arguments = dict(ann_file=str(path), pipeline=[])
            if name == 'sthv1':
                from msnet_mmaction.datasets import CheckedRawframeDataset as Dataset

                arguments['data_prefix'] = dict(img=str(out / 'rawframes'))
            else:
                Dataset = CheckedVideoDataset
                arguments['data_prefix'] = dict(video=str(out / 'videos'))
            Dataset(**arguments, classes=classes)
            with pytest.raises(DataError, match='do not fit the classes'):
                Dataset(**arguments, classes='sthv1-by-name')


FLIP_MAP = {2: 4, 4: 2, 30: 41, 41: 30, 52: 66, 66: 52}


@pytest.mark.parametrize(
    ('flip', 'classes', 'message'),
    [
        (dict(type='DirectionAwareFlip', classes='sthv1'), 'sthv1', None),
        (dict(type='DirectionAwareFlip', classes='sthv2'), 'sthv1-by-name', None),
        (dict(type='DirectionAwareFlip', classes='sthv2'), 'sthv1', "'sthv1', its .* 'sthv2'"),
        (dict(type='Flip', flip_ratio=0.5, flip_label_map=FLIP_MAP), 'sthv1', None),
        (dict(type='Flip', flip_ratio=0.5, flip_label_map=FLIP_MAP), 'sthv2', 'Flip mirrors'),
        (dict(type='Flip', flip_ratio=0.5), 'sthv1', 'Flip mirrors .* 6 are left or right'),
        (dict(type='Flip', flip_ratio=0), 'sthv1', None),
        (dict(type='Flip', flip_ratio=0.5), 'k400', None),
    ],
)
def test_flips_fit_the_labels(tmp_path, flip, classes, message):
    # The pairs of mmaction2's own V1 configs, which are these by the facts of the lists.
    if message is None:
        check_flips([TRANSFORMS.build(flip)], classes)
        dataset(tmp_path, 'a.mp4 1', classes=classes, pipeline=[flip])
        return
    with pytest.raises(DataError, match=message):
        dataset(tmp_path, 'a.mp4 1', classes=classes, pipeline=[flip])
