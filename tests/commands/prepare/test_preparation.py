import os
import runpy
import shutil
import sys
from pathlib import Path

import mmaction
import pytest

from msnet_mmaction.commands.prepare import check_video, engine, prepare
from msnet_mmaction.datasets import DataError, load_classes
from tests.helpers.downloads import TREES, hmdb51, kinetics400, sthv1, sthv2, video
from tests.helpers.preparations import LISTS, lines

#: Folders of videos in downloads.
SOURCES = (
    '20bn-something-something-v1', '20bn-something-something-v2', 'hmdb51_org', 'UCF-101',
    '20bn-jester-v1', 'rgb',
)  # fmt: skip


def test_something_v1(tmp_path):
    root, out = sthv1(tmp_path / 'root'), tmp_path / 'out'
    report = prepare('sthv1', root, out)
    # The order of the published csv file: mmaction2's.
    assert lines(out / LISTS['sthv1'][0]) == ['1 16 2', '2 16 4', '3 16 0', '4 16 1', '5 16 173']
    assert lines(out / LISTS['sthv1'][1]) == ['6 16 4', '7 16 2']
    assert lines(out / 'label_map.txt') == load_classes('sthv1')
    assert (out / 'rawframes' / '1' / '00001.jpg').is_file()
    assert not report.faults
    assert 'all 8 instead of 108,499' in str(report)


def test_something_v1_by_name(tmp_path):
    names = load_classes('sthv1')
    out = tmp_path / 'out'
    prepare('sthv1', sthv1(tmp_path / 'root'), out, classes='sthv1-by-name')
    label = sorted(names).index(names[2])
    assert lines(out / LISTS['sthv1'][0])[0] == f'1 16 {label}'
    assert lines(out / 'label_map.txt') == sorted(names)
    with pytest.raises(DataError, match="'k400' does not name the classes of sthv1"):
        prepare('sthv1', tmp_path / 'root', out, classes='k400')


@pytest.mark.parametrize('newer', [True, False])
def test_something_v2(tmp_path, newer):
    root, out = sthv2(tmp_path / 'root', newer), tmp_path / 'out'
    prepare('sthv2', root, out)
    assert lines(out / LISTS['sthv2'][0]) == [
        '1.webm 86', '2.webm 87', '3.webm 0', '4.webm 1', '5.webm 173',
    ]  # fmt: skip
    assert lines(out / LISTS['sthv2'][1]) == ['6.webm 87', '7.webm 86']


@pytest.mark.parametrize('class_folders', [True, False])
def test_kinetics(tmp_path, class_folders):
    out = tmp_path / 'out'
    prepare('kinetics400', kinetics400(tmp_path / 'root', class_folders), out)
    path, label = lines(out / LISTS['kinetics400'][0])[1].split(' ')
    assert path == ('air_drumming/' if class_folders else '') + 'train-_00001_000007_000017.mp4'
    assert label == '1'
    assert (out / 'videos_train' / path).is_file()


def test_hmdb51(tmp_path):
    out = tmp_path / 'out'
    report = prepare('hmdb51', hmdb51(tmp_path / 'root'), out)
    uses = [[line.split(' ') for line in lines(out / name)] for name in LISTS['hmdb51']]
    assert [len(rows) for rows in uses] == [51] * 6
    # Clip i of split s is for (i + s) % 3: 1 training, 2 testing.
    assert uses[0][4] == ['clap/#0_Clip_clap_f_cm_np1_fr_med_0.avi', '4']
    assert uses[1][4] == ['clap/#1_Clip_clap_f_cm_np1_fr_med_1.avi', '4']
    assert report.annotated() == 153


def test_ucf101(tmp_path):
    out = tmp_path / 'out'
    report = prepare('ucf101', TREES['ucf101'](tmp_path / 'root'), out)
    assert lines(out / LISTS['ucf101'][0])[2] == 'YoYo/v_YoYo_g02_c01.avi 2'
    assert lines(out / LISTS['ucf101'][1])[2] == 'YoYo/v_YoYo_g01_c01.avi 2'
    assert lines(out / 'label_map.txt') == ['ApplyEyeMakeup', 'Archery', 'YoYo']
    assert 'train 1 3 instead of 9,537' in str(report)


def test_jester(tmp_path):
    root, out = TREES['jester'](tmp_path / 'root'), tmp_path / 'out'
    prepare('jester', root, out)
    assert lines(out / LISTS['jester'][0]) == ['1 16 0', '2 16 2']
    assert lines(out / LISTS['jester'][1]) == ['3 16 1']
    prepare('jester', root, out, classes='jester-by-name')
    assert lines(out / LISTS['jester'][0]) == ['1 16 1', '2 16 0']
    with pytest.raises(DataError, match="'k400' does not name the classes of jester"):
        prepare('jester', root, out, classes='k400')


def test_diving48(tmp_path):
    root, out = TREES['diving48'](tmp_path / 'root'), tmp_path / 'out'
    prepare('diving48', root, out)
    names = [f'_8Vy3dlHg2w_{n:05}.mp4 {n % 2}' for n in range(3)]
    assert lines(out / LISTS['diving48'][0]) == names[:2]
    assert lines(out / LISTS['diving48'][1]) == names[2:]
    assert lines(out / 'label_map.txt') == ['Back 15som 05Twis FREE', 'Back Dive NoTwis PIKE']


def mmaction2_tree(dataset, root, work):
    """A download moved to where mmaction2's scripts look for it."""
    home = work / 'data' / dataset
    home.mkdir(parents=True)
    annotations = home / 'annotations'
    folders = dict(sthv1='rawframes', jester='rawframes')
    if dataset == 'kinetics400':
        annotations.mkdir()
        for name, other in (('train', 'train'), ('validate', 'val'), ('validate', 'test')):
            shutil.copy(root / f'{name}.csv', annotations / f'kinetics_{other}.csv')
        for split in ('train', 'val'):
            for folder in (root / split).iterdir():
                place = home / f'videos_{split}' / folder.name.replace(' ', '_')
                shutil.copytree(folder, place)
        return
    (source,) = [path for path in root.iterdir() if path.name in SOURCES]
    shutil.move(source, home / folders.get(dataset, 'videos'))
    splits = [*root.glob('*[sS]plits'), *root.glob('ucfTrain*'), root][0]
    shutil.move(splits, annotations)


@pytest.mark.parametrize(
    ('dataset', 'runs'),
    [
        ('sthv1', ['rawframes --rgb-prefix 0 --num-split 1 --level 1 --format rawframes'] * 2),
        ('sthv2', ['videos --num-split 1 --level 1 --format videos'] * 2),
        (
            'kinetics400',
            [
                f'videos_{split} --level 2 --format videos --num-split 1'
                for split in ('train', 'val')
            ],
        ),
        ('hmdb51', ['videos --level 2 --format videos']),
        ('ucf101', ['videos --level 2 --format videos']),
        ('jester', ['rawframes --rgb-prefix 0 --num-split 1 --level 1 --format rawframes'] * 2),
        ('diving48', ['videos --num-split 1 --level 1 --format videos'] * 2),
    ],
)
def test_lists_are_those_of_mmaction2(dataset, runs, tmp_path, monkeypatch):
    """On a whole download, mmaction2's script writes the same lines."""
    root, out = tmp_path / 'root', tmp_path / 'out'
    TREES[dataset](root, **(dict(newer=False) if dataset == 'sthv2' else {}))
    prepare(dataset, root, out)
    mmaction2_tree(dataset, root, tmp_path / 'work')
    folder = Path(mmaction.__file__).parent / '.mim'
    monkeypatch.chdir(tmp_path / 'work')
    monkeypatch.syspath_prepend(str(folder))
    for subset, arguments in zip(('train', 'val'), runs, strict=False):
        words = arguments.split(' ')
        source = f'data/{dataset}/{words[0]}/'
        argv = ['build_file_list.py', dataset, source, *words[1:], '--subset', subset]
        monkeypatch.setattr(sys, 'argv', argv)
        runpy.run_path(str(folder / 'tools' / 'data' / argv[0]), run_name='__main__')
    for name in LISTS[dataset]:
        written = lines(Path('data', dataset, name))
        assert sorted(written) == sorted(lines(out / name))
        assert written


def test_it_goes_on_after_an_interruption(tmp_path, monkeypatch):
    root, out = sthv2(tmp_path / 'root'), tmp_path / 'out'
    checked = []

    def check(path):
        if len(checked) == 3:
            raise KeyboardInterrupt
        checked.append(path.name)
        return check_video(path)

    monkeypatch.setattr(engine, 'check_video', check)
    with pytest.raises(KeyboardInterrupt):
        prepare('sthv2', root, out, workers=1)
    assert not (out / LISTS['sthv2'][0]).exists()
    # As if the machine had gone down in the middle of a line.
    with (out / 'preparation' / 'checked.jsonl').open('a') as journal:
        journal.write('["videos/4.we')
    first, checked[:] = list(checked), []
    monkeypatch.setattr(
        engine, 'check_video', lambda path: checked.append(path.name) or (16, None, 0)
    )
    prepare('sthv2', root, out, workers=1)
    assert len(first) == 3
    assert sorted(first + checked) == [f'{i}.webm' for i in range(1, 9)]

    # What changed is checked again, and nothing else.
    checked.clear()
    (root / '20bn-something-something-v2' / '5.webm').write_bytes(video('webm', 3))
    prepare('sthv2', root, out, workers=1)
    assert checked == ['5.webm']


def test_a_list_that_differs_is_kept(tmp_path):
    root, out = sthv2(tmp_path / 'root'), tmp_path / 'out'
    out.mkdir()
    (out / LISTS['sthv2'][0]).write_text('mine.webm 1\n')
    prepare('sthv2', root, out)
    assert lines(out / f'{LISTS["sthv2"][0]}.old') == ['mine.webm 1']
    prepare('sthv2', root, out)
    assert lines(out / f'{LISTS["sthv2"][0]}.old') == ['mine.webm 1']


def test_in_place(tmp_path, monkeypatch):
    """A download that already lies where the configs expect it, prepared twice."""
    monkeypatch.chdir(tmp_path)
    kinetics400(tmp_path / 'data' / 'kinetics400')
    for _ in range(2):
        prepare('kinetics400')
    assert len(lines(tmp_path / 'data' / 'kinetics400' / LISTS['kinetics400'][0])) == 4
    assert len(lines(tmp_path / 'data/kinetics400/preparation/checked.jsonl')) == 6


def spaces_in_place(root):
    (root / 'train').rename(root / 'videos_train')


def wrong_label(root):
    path = root / 'train.csv'
    path.write_text(path.read_text().replace('air drumming', 'air guitar'))


def no_header(root):
    path = root / 'train.csv'
    path.write_text('\n'.join(path.read_text().splitlines()[1:]))


@pytest.mark.parametrize(
    ('dataset', 'damage', 'message'),
    [
        ('sthv2', lambda r: (r / 'labels/train.json').unlink(), r'no annotation file train\.json'),
        ('sthv2', lambda r: (r / 'labels/train.json').write_text('[{"id'), r'train\.json is not c'),
        ('sthv2', lambda r: (r / 'labels/train.json').write_text('{"a": 1}'), 'holds no list'),
        ('sthv2', lambda r: (r / 'labels/train.json').write_text('[{"id": 1}]'), "no 'template'"),
        ('sthv2', lambda r: (r / 'labels/labels.json').write_text('{"A": "0"}'), 'does not number'),
        (
            'sthv2',
            lambda r: shutil.rmtree(r / '20bn-something-something-v2'),
            'no folder videos or 20bn-something-something-v2 in',
        ),
        (
            'sthv1',
            lambda r: (r / 'something-something-v1-train.csv').write_text('1,Holding something\n'),
            "'1,Holding something' is not 'id;label'",
        ),
        (
            'sthv1',
            lambda r: (r / 'something-something-v1-train.csv').write_text(''),
            r'v1-train\.csv is empty',
        ),
        ('kinetics400', wrong_label, "'air guitar' is none of the 400 classes"),
        ('kinetics400', no_header, 'has no column label'),
        ('hmdb51', lambda r: next(r.glob('*/wave_test_split2.txt')).unlink(), 'wave_test_split2'),
    ],
)
def test_wrong_downloads(tmp_path, dataset, damage, message):
    root, out = TREES[dataset](tmp_path / 'root'), tmp_path / 'out'
    damage(root)
    with pytest.raises(DataError, match=message):
        prepare(dataset, root, out)
    assert not out.exists()


def test_wrong_places(tmp_path):
    root, out = kinetics400(tmp_path / 'root'), tmp_path / 'out'
    with pytest.raises(DataError, match='there is no folder'):
        prepare('kinetics400', tmp_path / 'nowhere', out)
    (root / 'train').rename(root / 'videos_train')
    with pytest.raises(DataError, match='have spaces, or are not UTF-8'):
        prepare('kinetics400', root, root)
    (out / 'videos_val').mkdir(parents=True)
    (out / 'videos_val' / 'abseiling').mkdir()
    (out / 'videos_val' / 'abseiling' / 'mine.mp4').touch()
    with pytest.raises(DataError, match=r'videos_val is there and is not'):
        prepare('kinetics400', root, out)
    empty = sthv2(tmp_path / 'empty')
    for path in (empty / '20bn-something-something-v2').iterdir():
        os.rename(path, path.with_name(f'x{path.name}'))
    with pytest.raises(DataError, match=r'none of the annotated videos.*such as 1\. There is x1'):
        prepare('sthv2', empty, tmp_path / 'other')
