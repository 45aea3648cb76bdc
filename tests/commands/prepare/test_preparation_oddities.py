"""What real downloads contain: every file's fate is told, and not one good clip is left out."""

import csv
import json
import os
import runpy
import sys
import unicodedata

import pytest
from mmaction.registry import DATASETS

from msnet_mmaction.commands.prepare import prepare
from msnet_mmaction.commands.prepare.names import printable
from msnet_mmaction.datasets import DataError, load_classes
from tests.helpers.downloads import FRAMES, hmdb51, kinetics400, sthv1, sthv2, video
from tests.helpers.preparations import LISTS, faults, lines, snapshot

TRAIN, VAL = LISTS['kinetics400']
NAMES = load_classes('k400')


def unused(out):
    rows = [line.split('\t') for line in lines(out / 'preparation' / 'unused.tsv')[1:]]
    return dict(rows)


def write(path, content=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(video('mp4') if content is None else content)


def annotate(path, clips):
    """A csv file of Kinetics: class name and id of each clip, all from second 0 to 10."""
    with path.open('w', encoding='utf-8-sig', newline='') as file:
        writer = csv.writer(file)
        writer.writerow(['label', 'youtube_id', 'time_start', 'time_end', 'split'])
        writer.writerows([label, youtube_id, 0, 10, 'train'] for label, youtube_id in clips)


def clip_file(youtube_id, suffix='.mp4'):
    return f'{youtube_id}_000000_000010{suffix}'


GOOD = {
    # id: where it lies below train, in class "air drumming".
    'plain': 'air drumming/' + clip_file('plain'),
    'part': 'part_0/air drumming/' + clip_file('part'),
    'twice_deep': 'air drumming/air drumming/' + clip_file('twice_deep'),
    'loose': clip_file('loose'),
    'underscore': 'air_drumming/' + clip_file('underscore'),
    'thumbnail': 'air drumming/' + clip_file('thumbnail'),
    'double': 'air drumming/' + clip_file('double'),
    'capitals': 'air drumming/' + clip_file('capitals', '.MP4'),
    'webm': 'air drumming/' + clip_file('webm', '.webm'),
    'a b': 'air drumming/' + clip_file('a b'),
    'caf\xe9': unicodedata.normalize('NFD', 'air drumming/' + clip_file('caf\xe9')),
}
REPLACED = ['cut', 'gone']
LOST = {
    'lost': 'it is missing',
    'empty': 'the file is empty',
    # In brackets, with a dot; renamed by a browser.
    'k.(a)': 'it is missing; is it videos_train/air drumming/k.(a)_000000_000010 (1).mp4?',
    'unfinished': 'it is missing; is it videos_train/air drumming/'
    'unfinished_000000_000010.mp4.part?',
    'elsewhere': 'it is missing; is it videos_train/abseiling/elsewhere_000000_000010.mp4?',
}


@pytest.fixture
def odd(tmp_path):
    """A download of Kinetics with all that was seen in real ones."""
    root = tmp_path / 'a root'
    root.mkdir()
    names = [*GOOD, *REPLACED, *LOST]
    annotate(root / 'train.csv', [('air drumming', name) for name in names])
    annotate(root / 'val.csv', [('abseiling', 'v1'), ('abseiling', 'v2')])
    train = root / 'train'
    for path in GOOD.values():
        write(train / path)
    for name in ('v1', 'v2'):
        write(root / 'val' / 'abseiling' / clip_file(name))
    folder = train / 'air drumming'
    write(folder / clip_file('thumbnail', '.jpg'), b'\xff\xd8 a picture \xff\xd9')
    write(folder / clip_file('thumbnail', '.json'), b'{}')
    write(folder / clip_file('double', '.mkv'), b'')
    write(folder / clip_file('empty'), b'')
    write(folder / clip_file('cut'), video('mp4')[:2000])
    write(folder / 'k.(a)_000000_000010 (1).mp4')
    write(folder / clip_file('unfinished', '.mp4.part'), video('mp4')[:900])
    write(folder / '._hidden.mp4', b'\0')
    write(train / 'abseiling' / clip_file('elsewhere'))
    write(train / os.fsdecode(b'latin1_\xe9.mp4'))
    write(train / 'tab\t.mp4')
    (folder / 'circle').symlink_to('..', target_is_directory=True)
    for name in (*REPLACED, 'unknown'):
        write(root / 'replacement' / 'replacement_for_corrupted_k400' / clip_file(name))
    return root


def test_every_fate_is_told_and_no_good_clip_is_left_out(odd, tmp_path):
    out = tmp_path / 'out'
    before = snapshot(odd)
    report = prepare('kinetics400', odd, out)
    assert snapshot(odd) == before

    # Every good clip is in the list, by its own file, and mmaction2 reads the list.
    read = {}
    for line in lines(out / TRAIN):
        path, label = line.split()
        assert label == str(NAMES.index('air drumming'))
        read[os.path.realpath(out / 'videos_train' / path)] = path
    replacements = odd / 'replacement' / 'replacement_for_corrupted_k400'
    expected = [odd / 'train' / path for path in GOOD.values()]
    expected += [replacements / clip_file(name) for name in REPLACED]
    assert set(read) == set(map(os.path.realpath, expected))
    assert len(lines(out / VAL)) == 2
    dataset = DATASETS.build(
        dict(
            type='CheckedVideoDataset',
            ann_file=str(out / TRAIN),
            data_prefix=dict(video=str(out / 'videos_train')),
            classes='k400',
            pipeline=[],
        )
    )
    assert len(dataset) == len(expected)

    found = faults(out)
    assert found == {
        ('train', f'air_drumming/{name}_000000_000010'): fault for name, fault in LOST.items()
    }
    # Every other file is named, with what became of it.
    why = unused(out)
    named = {*why, *(line.split('\t')[3] for line in lines(out / 'preparation' / 'faults.tsv'))}
    for path in odd.rglob('*.*'):
        if path.suffix == '.csv' or os.path.realpath(path) in read or 'val' in path.parts:
            continue
        place = replacements.parent if replacements in path.parents else odd / 'train'
        name = printable(f'videos_train/{path.relative_to(place)}').replace('\t', '?')
        assert name in named, path
    place = 'videos_train/air drumming'
    assert why[f'{place}/{clip_file("thumbnail", ".jpg")}'] == 'its suffix is none of a video'
    double = f'{place}/{clip_file("double")}'
    assert why[f'{place}/{clip_file("double", ".mkv")}'] == (f'the file is empty; {double} is used')
    assert why[f'{place}/{clip_file("cut")}'].endswith(f'{clip_file("cut")} is used')
    assert why[f'{place}/._hidden.mp4'] == 'it is hidden'
    assert why['videos_train/latin1_\\xe9.mp4'] == 'no annotation names it'

    text = str(report)
    assert '5 videos are LEFT OUT' in text
    assert '2 videos are read from replacement/replacement_for_corrupted_k400' in text
    # Again: nothing is checked twice, and all is the same.
    journal = lines(out / 'preparation' / 'checked.jsonl')
    assert str(prepare('kinetics400', odd, out)) == text
    assert lines(out / 'preparation' / 'checked.jsonl') == journal


def test_beside_the_download(odd, monkeypatch):
    """Lists and links in the folder of the download: the second run reads the same files."""
    first = prepare('kinetics400', odd, odd)
    content = lines(odd / TRAIN)
    second = prepare('kinetics400', odd, odd)
    assert str(second) == str(first)
    assert lines(odd / TRAIN) == content
    assert len(content) == len(GOOD) + len(REPLACED)
    assert not (odd / f'{TRAIN}.old').exists()


def test_replacements_of_videos_that_are_where_configs_expect_them(tmp_path):
    root = kinetics400(tmp_path, class_folders=False)
    for split in ('train', 'val'):
        (root / split).rename(root / f'videos_{split}')
    name = 'train-_00001_000007_000017.mp4'
    (root / 'videos_train' / name).unlink()
    write(root / 'replacement_for_corrupted_k400' / name)
    prepare('kinetics400', root, root)
    assert faults(root)[('train', f'air_drumming/{name[:-4]}')] == (
        f'it is missing; its official replacement replacement_for_corrupted_k400/{name} can take '
        'its place'
    )
    assert not (root / 'videos_train' / 'replacement_for_corrupted_k400').exists()
    assert unused(root)[f'videos_train/replacement_for_corrupted_k400/{name}'].startswith(
        'it replaces a file'
    )


def test_the_link_of_an_earlier_run_makes_way(tmp_path):
    """A video with a space in its name was added since."""
    root, out = hmdb51(tmp_path / 'root'), tmp_path / 'out'
    prepare('hmdb51', root, out)
    assert (out / 'videos').is_symlink()
    folder = root / 'hmdb51_org' / 'clap'
    old = next(folder.iterdir())
    old.rename(folder / old.name.replace('_Clip_', ' Clip_'))
    report = prepare('hmdb51', root, out)
    assert not report.faults
    for name in LISTS['hmdb51']:
        for line in lines(out / name):
            assert (out / 'videos' / line.split()[0]).is_file()


def test_spaces_where_configs_expect_the_videos(tmp_path):
    """The names there are used as they are: the error says what to do, and it helps."""
    root = hmdb51(tmp_path)
    folder = root / 'hmdb51_org' / 'clap'
    folder.rename(folder.with_name('clap 2'))
    (root / 'hmdb51_org').rename(root / 'videos')
    with pytest.raises(DataError, match=r"such as 'clap 2/.*Rename videos to hmdb51_org: links"):
        prepare('hmdb51', root, root)
    (root / 'videos').rename(root / 'hmdb51_org')
    assert not prepare('hmdb51', root, root).faults


def test_hmdb51_unpacked_twice(tmp_path):
    """Each archive unpacked into a folder of its class: brush_hair/brush_hair/*.avi."""
    root, out = hmdb51(tmp_path / 'root'), tmp_path / 'out'
    for folder in list((root / 'hmdb51_org').iterdir()):
        folder.rename(folder.with_name('part'))
        folder.mkdir()
        (folder.with_name('part')).rename(folder / folder.name)
    report = prepare('hmdb51', root, out)
    assert not report.faults
    assert lines(out / LISTS['hmdb51'][0])[4].startswith('clap/clap/#0_Clip_')


def test_frames_with_suffixes_in_capitals_one_folder_deeper(tmp_path):
    root, out = sthv1(tmp_path / 'root'), tmp_path / 'out'
    frames = root / '20bn-something-something-v1'
    for path in list(frames.rglob('*.jpg')):
        path.rename(path.with_suffix('.JPG'))
    frames.rename(root / 'inner')
    frames.mkdir()
    (root / 'inner').rename(frames / 'part')
    (frames / 'archive.tgz').touch()
    (frames / '99').mkdir()
    report = prepare('sthv1', root, out)
    assert not report.faults
    assert lines(out / LISTS['sthv1'][0])[0] == f'part/1 {FRAMES} 2'
    assert unused(out) == {
        'rawframes/99': 'no annotation names it',
        'rawframes/archive.tgz': 'it is no folder of frames',
    }
    dataset = DATASETS.build(
        dict(
            type='CheckedRawframeDataset',
            ann_file=str(out / LISTS['sthv1'][0]),
            data_prefix=dict(img=str(out / 'rawframes')),
            filename_tmpl='{:05}.jpg',
            pipeline=[
                dict(type='SegmentSampleFrames', num_clips=4),
                dict(type='FrameFilesDecode'),
                dict(type='FormatShape', input_format='NCHW'),
                dict(type='PackActionInputs'),
            ],
        )
    )
    assert dataset[0]['inputs'].shape[0] == 4


def test_a_split_without_a_usable_clip(tmp_path, monkeypatch, capsys):
    root, out = sthv2(tmp_path / 'root'), tmp_path / 'out'
    for number in (6, 7):
        (root / '20bn-something-something-v2' / f'{number}.webm').write_bytes(b'')
    arguments = ['prepare.py', 'sthv2', '--root', str(root), '--out', str(out), '--workers', '1']
    monkeypatch.setattr(sys, 'argv', arguments)
    with pytest.raises(SystemExit) as raised:
        runpy.run_path('tools/data/prepare.py', run_name='__main__')
    assert raised.value.code == 1
    name = LISTS['sthv2'][1]
    assert f'val: NOT ONE clip is usable; {name} is not written' in capsys.readouterr().out
    assert not (out / name).exists()
    assert len(lines(out / LISTS['sthv2'][0])) == 5


def test_clips_in_two_splits_and_twice_in_one(tmp_path):
    root, out = sthv2(tmp_path / 'root'), tmp_path / 'out'
    words = ('train', 'validation')
    train, val = (json.loads((root / f'labels/{word}.json').read_text()) for word in words)
    (root / 'labels/train.json').write_text(json.dumps([*train, val[1], train[0]]))
    text = str(prepare('sthv2', root, out))
    assert '1 clips are in both train and val, such as 7' in text
    assert '1 clips are annotated twice in train, such as 1' in text


def test_byte_order_marks(tmp_path):
    root, out = sthv2(tmp_path / 'root'), tmp_path / 'out'
    for path in (root / 'labels').iterdir():
        path.write_text(path.read_text(), encoding='utf-8-sig')
    assert not prepare('sthv2', root, out).faults


@pytest.mark.parametrize('value', ['x', None, [1], '', '1.5'])
def test_odd_numbers_of_classes(tmp_path, value):
    root = sthv2(tmp_path / 'root')
    path = root / 'labels/labels.json'
    path.write_text(json.dumps(json.loads(path.read_text()) | {load_classes('sthv2')[3]: value}))
    with pytest.raises(DataError, match=r'labels\.json does not number the classes'):
        prepare('sthv2', root, tmp_path / 'out')


def test_a_short_row(tmp_path):
    root = kinetics400(tmp_path / 'root')
    with (root / 'train.csv').open('a') as file:
        file.write('abseiling\n')
    with pytest.raises(DataError, match=r'train\.csv: the row of abseiling is too short'):
        prepare('kinetics400', root, tmp_path / 'out')
