"""``prepare folder``: from videos of a user's own to lists and a config that trains."""

import shutil
from pathlib import Path

import pytest
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config

from msnet_mmaction.commands.cli import main
from msnet_mmaction.commands.prepare import prepare_folder
from msnet_mmaction.commands.prepare.own_config import of_this_machine
from msnet_mmaction.commands.prepare.splitting import Sourced, choose_validation
from msnet_mmaction.datasets import DataError
from tests.helpers.downloads import video

NAMES = ['Turn Left', 'Turn Right', 'wächst 下']


def folder_of(root, names=NAMES, count=4, content=None):
    for name in names:
        (root / name).mkdir(parents=True)
        for number in range(count):
            (root / name / f'Clip {number}.mp4').write_bytes(content or video('mp4'))
    return root


def lines(path):
    return path.read_text(encoding='utf-8').splitlines()


def test_names_with_spaces_and_of_other_alphabets(tmp_path):
    out = tmp_path / "a user's lists"
    made = prepare_folder(folder_of(tmp_path / 'My Videos'), out=out)
    assert lines(out / 'label_map.txt') == NAMES
    cfg = Config.fromfile(made.config)
    model = MODELS.build(cfg.model)
    assert model.cls_head.num_classes == 3
    labels = {}
    for split, count in (('train', 9), ('val', 3), ('test', 3)):
        dataset = DATASETS.build(cfg[f'{split}_dataloader'].dataset)
        assert len(dataset) == count
        assert dataset.num_classes == 3
        assert dataset.metainfo['classes'] == NAMES
        sample = dataset[0]
        assert sample['inputs'].shape == (8, 3, 224, 224)
        labels[split] = sorted(dataset.get_data_info(i)['label'] for i in range(count))
    assert labels == dict(train=[0, 0, 0, 1, 1, 1, 2, 2, 2], val=[0, 1, 2], test=[0, 1, 2])
    flips = [step for step in cfg.train_dataloader.dataset.pipeline if 'Flip' in step.type]
    assert flips == [dict(type='DirectionAwareFlip', classes=str(out / 'label_map.txt'))]
    assert len(lines(made.config)) < 35


def test_the_same_seed_divides_the_same(tmp_path):
    root = folder_of(tmp_path / 'videos', count=6)
    for name, seed in (('one', 0), ('two', 0), ('three', 1)):
        prepare_folder(root, out=tmp_path / name, seed=seed)
    config = tmp_path / 'one' / 'msnet_r18_one.py'
    config.write_text('mine')
    prepare_folder(root, out=tmp_path / 'one')
    assert config.with_name(f'{config.name}.old').read_text() == 'mine'
    one, two, three = (lines(tmp_path / name / 'val.txt') for name in ('one', 'two', 'three'))
    assert one == two
    assert one != three


def test_sources_stay_together(tmp_path):
    root = tmp_path / 'videos'
    for name in ('a', 'b'):
        for person in range(4):
            for take in range(2):
                path = root / name / f'p{person}_{take}.mp4'
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(video('mp4'))
    prepare_folder(root, out=tmp_path / 'out', source_pattern=r'^(p\d)_')
    people = [
        {Path(line.split()[0]).name[:2] for line in lines(tmp_path / 'out' / f'{split}.txt')}
        for split in ('train', 'val')
    ]
    assert len(people[0]) == 3
    assert len(people[1]) == 1
    assert not people[0] & people[1]
    with pytest.raises(DataError, match="the class 'a' are of one source, 'p'"):
        prepare_folder(root, out=tmp_path / 'other', source_pattern='p')


def test_shares_are_kept_in_each_class():
    videos = [Sourced(name, f'{name}{n}') for name, k in (('a', 100), ('b', 10)) for n in range(k)]
    chosen = choose_validation(videos, 0.2, 0)
    for name, count in (('a', 20), ('b', 2)):
        assert sum(c for c, v in zip(chosen, videos, strict=True) if v.class_name == name) == count


def test_folders_of_splits(tmp_path):
    for split in ('Train', 'valid', 'test'):
        folder_of(tmp_path / 'videos' / split, ['2', '10'], 1)
    out = tmp_path / 'out'
    made = prepare_folder(tmp_path / 'videos', out=out)
    # Numbers are in the order of numbers.
    assert lines(out / 'label_map.txt') == ['2', '10']
    assert lines(out / 'train.txt') == ['Train/10/Clip_0.mp4 1', 'Train/2/Clip_0.mp4 0']
    assert lines(out / 'val.txt') == ['valid/10/Clip_0.mp4 1', 'valid/2/Clip_0.mp4 0']
    assert Config.fromfile(made.config).test_dataloader.dataset.ann_file == 'test.txt'


def test_a_table(tmp_path):
    folder_of(tmp_path / 'disk a', ['x', 'y'], 2)
    folder_of(tmp_path / 'disk b', ['x', 'y'], 1)
    rows = ['File;Class;Split', f'{tmp_path}/disk b/x/Clip 0.mp4;Läufer, schnell;val']
    rows += [f'{tmp_path}/disk b/y/Clip 0.mp4;steht;val']
    rows += [f'disk a/x/Clip {n}.mp4;Läufer, schnell;train' for n in range(2)]
    rows += [f'disk a/y/Clip {n}.mp4;steht;train' for n in range(2)]
    table = tmp_path / 'videos.csv'
    table.write_text('\n'.join(rows), encoding='utf-8')
    out = tmp_path / 'out'
    for _ in range(2):
        cfg = Config.fromfile(prepare_folder(table=table, out=out).config)
    assert lines(out / 'label_map.txt') == ['Läufer, schnell', 'steht']
    assert lines(out / 'val.txt') == ['Läufer,_schnell/Clip_0.mp4 0', 'steht/Clip_0.mp4 1']
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    assert (out / 'videos' / 'steht' / 'Clip_0_2.mp4').samefile(tmp_path / 'disk a/y/Clip 0.mp4')
    assert [dataset.get_data_info(i)['label'] for i in range(4)] == [0, 0, 1, 1]


def test_broken_videos_are_left_out_before_the_division(tmp_path):
    root = folder_of(tmp_path / 'videos', count=3)
    (root / 'Turn Left' / 'Clip 0.mp4').write_bytes(b'')
    (root / 'Turn Left' / 'sound.mp3').write_bytes(b'sound')
    (root / 'Turn Left' / 'notes.txt').write_text('notes')
    made = prepare_folder(root, out=tmp_path / 'out')
    assert made.report.usable['train']['Turn Left'] == 1
    assert made.report.usable['val']['Turn Left'] == 1
    assert 'the file is empty' in str(made.report)
    unused = (tmp_path / 'out' / 'preparation' / 'unused.tsv').read_text()
    assert 'Turn Left/sound.mp3\tits suffix is none of a video' in unused


def test_long_videos_are_sampled_densely(tmp_path):
    made = prepare_folder(folder_of(tmp_path / 'v', content=video('mp4', 200)), out=tmp_path / 'o')
    samplers = [
        step
        for split in ('train', 'val', 'test')
        for step in Config.fromfile(made.config)[f'{split}_dataloader'].dataset.pipeline
        if 'Sample' in step.type
    ]
    assert [step.type for step in samplers] == ['DenseSampleFrames'] * 3
    assert 'sampling: dense' in made.choices[0]


def test_flips(tmp_path):
    for names, word, expected in (
        (['a', 'b'], 'flips of all', ['Flip']),
        (['look left', 'b'], "'look left' is of none", []),
    ):
        out = tmp_path / names[0]
        made = prepare_folder(folder_of(tmp_path / f'{names[0]}!', names, 2), out=out)
        steps = Config.fromfile(made.config).train_dataloader.dataset.pipeline
        assert [step.type for step in steps if 'Flip' in step.type] == expected
        assert word in made.choices[1]


def test_fine_tuning(tmp_path):
    root = folder_of(tmp_path / 'videos', count=2)
    torch.save(dict(state_dict={'a': torch.zeros(1)}), tmp_path / 'my weights.pth')
    made = prepare_folder(root, out=tmp_path / 'out', load_from=str(tmp_path / 'my weights.pth'))
    cfg = Config.fromfile(made.config)
    assert cfg.load_from == str(tmp_path / 'my weights.pth')
    assert cfg.model.backbone.backbone.init_cfg is None
    assert cfg.default_hooks.preflight.allow_missing == ['cls_head.fc_cls']
    assert cfg.optim_wrapper.optimizer.lr == 0.001
    cfg = Config.fromfile(prepare_folder(root, out=tmp_path / 'out', network='r50').config)
    assert cfg.model.backbone.backbone.depth == 50
    assert cfg.load_from is None


def test_the_batch_is_no_larger_than_the_videos():
    assert of_this_machine('r18', 3).batch_size <= 3
    assert of_this_machine('r50', 1000).num_workers >= 1


def only(root, *keep):
    for folder in root.iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder)


def audio(root):
    for path in (root / NAMES[0]).iterdir():
        path.write_bytes(b'RIFF....WAVEfmt ')


@pytest.mark.parametrize(
    ('damage', 'arguments', 'message'),
    [
        (shutil.rmtree, [], r'there is no folder videos'),
        (lambda r: only(r), [], r'videos holds no folders of videos.*is nothing'),
        (lambda r: only(r, NAMES[0]), [], "all 4 videos are of one class, 'Turn Left'"),
        (lambda r: shutil.move(r / NAMES[0], r / 'train'), [], 'folders train, and others such as'),
        (None, ['--val-share', '2'], '--val-share is a share between 0 and 1'),
        (None, ['--out', 'videos/lists'], 'is in the folder of the videos'),
        (None, ['--load-from', 'none.pth'], 'there is no checkpoint'),
        (lambda r: Path('x.pth').write_text('x'), ['--load-from', 'x.pth'], 'not a checkpoint'),
        (None, ['--csv', 'none.csv'], r'none\.csv'),
        (lambda r: Path('x.csv').write_text('a,b\n'), ['--csv', 'x.csv'], 'name the columns'),
        (lambda r: Path('x.csv').write_text('path\na.mp4\n'), ['--csv', 'x.csv'], 'no label'),
        (lambda r: Path('x.csv').write_bytes(b'\xff\xfe'), ['--csv', 'x.csv'], 'not a csv file'),
        (
            lambda r: Path('x.csv').write_text('path,label\na.mp4,b\n'),
            ['--csv', 'x.csv'],
            r'there is no video videos/a\.mp4',
        ),
        (lambda r: Path('data').write_text(''), [], 'data'),
    ],
)
def test_bad_input_is_told_in_one_line(tmp_path, monkeypatch, capsys, damage, arguments, message):
    monkeypatch.chdir(tmp_path)
    root = folder_of(Path('videos'))
    if damage is not None:
        damage(root)
    before = sorted(map(str, Path().rglob('*')))
    assert main(['prepare', 'folder', '--root', 'videos', *arguments]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(error)
    assert sorted(map(str, Path().rglob('*'))) == before


@pytest.mark.parametrize(
    ('damage', 'message'),
    [
        (lambda r: [p.unlink() for p in [*(r / NAMES[0]).iterdir()][1:]], 'has one video'),
        (audio, r"'Turn Left' has 0 usable videos, and needs two: Turn Left/Clip 0\.mp4"),
    ],
)
def test_classes_with_too_little(tmp_path, damage, message):
    root, out = folder_of(tmp_path / 'videos'), tmp_path / 'out'
    damage(root)
    with pytest.raises(DataError, match=message):
        prepare_folder(root, out=out)
    assert not [*out.glob('*.txt'), *out.glob('*.py')]
