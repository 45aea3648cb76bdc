"""Broken files: a replacement in training, a list of them at the end of a test."""

import copy
import json
import shutil
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.fileio import load
from mmengine.logging import MMLogger
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from msnet_mmaction.datasets import CheckedRawframeDataset, CheckedVideoDataset, DataError
from msnet_mmaction.datasets.sample_states import SampleStates
from msnet_mmaction.engine.hooks import BrokenFilesHook
from tests.helpers.downloads import jpeg, video
from tests.helpers.processes import run_python

SAMPLED = [
    dict(type='SampleFrames', clip_len=1, num_clips=4),
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(32, 32), keep_ratio=False),
    dict(type='FormatShape', input_format='NCHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'filename', 'frame_dir')),
]
PIPELINE = [dict(type='DecordInit'), *SAMPLED]


@pytest.fixture
def folder(tmp_path):
    """16 videos, the label of each its number; 3 and 5 are broken."""
    for i in range(16):
        (tmp_path / f'{i}.mp4').write_bytes(video('mp4'))
    (tmp_path / '3.mp4').write_bytes(b'')
    (tmp_path / '5.mp4').write_bytes(video('mp4')[:1000])
    (tmp_path / 'list.txt').write_text(''.join(f'{i}.mp4 {i}\n' for i in range(16)))
    return tmp_path


def videos(folder, **kwargs):
    return CheckedVideoDataset(
        ann_file=str(folder / 'list.txt'),
        data_prefix=dict(video=str(folder)),
        **{'pipeline': PIPELINE, **kwargs},
    )


@pytest.fixture
def warnings_file(tmp_path):
    """What mmengine's logger says, of all processes."""
    path = tmp_path / 'log.txt'
    MMLogger.get_instance(f'log of {tmp_path}', log_file=str(path), log_level='INFO')
    return path


def labels(dataset, workers=0, epochs=1, **kwargs):
    loader = DataLoader(dataset, 4, num_workers=workers, collate_fn=list, **kwargs)
    return [[int(s['data_samples'].gt_label) for b in loader for s in b] for _ in range(epochs)]


@pytest.mark.parametrize(
    'loading',
    [
        dict(),
        dict(workers=2),
        dict(workers=2, persistent_workers=True),
    ],
)
def test_training_warns_once_and_replaces(folder, warnings_file, loading):
    dataset = videos(folder, max_broken=0.125)
    for epoch in labels(dataset, epochs=3, **loading):
        # Nothing is lost: the others are what they were, and the batch is whole.
        assert len(epoch) == 16
        assert all(label == i for i, label in enumerate(epoch) if i not in (3, 5))
        assert not {epoch[3], epoch[5]} & {3, 5}
    assert dataset.broken_files() == [str(folder / '3.mp4'), str(folder / '5.mp4')]
    text = warnings_file.read_text()
    assert 'Another sample takes its place' in text
    for name in ('3.mp4', '5.mp4'):
        assert text.count(f'{folder / name} (entry') == 1


@pytest.mark.parametrize('workers', [0, 2])
def test_too_many_are_an_error_that_names_them(folder, workers):
    # Two of 16 are an eighth; 3 and 5 are read by different workers.
    with pytest.raises(
        DataError,
        match=r'2 of 16 samples of .*list\.txt could not be read, more '
        r'than max_broken=0\.1 .*3\.mp4, .*5\.mp4',
    ):
        labels(videos(folder, max_broken=0.1), workers)


def test_the_default_allows_one_in_a_hundred(folder):
    with pytest.raises(DataError, match=r'1 of 16 samples .* max_broken=0\.01 .*3\.mp4'):
        videos(folder)[3]


def test_a_file_that_is_back_counts_no_more(folder):
    (folder / '5.mp4').write_bytes(video('mp4'))
    dataset = videos(folder, max_broken=0.125)
    dataset[3]
    assert dataset.broken_files() == [str(folder / '3.mp4')]
    (folder / '3.mp4').write_bytes(video('mp4'))
    assert int(dataset[3]['data_samples'].gt_label) == 3
    assert dataset.broken_files() == []


def test_a_wrong_pipeline_is_no_broken_file(folder):
    dataset = videos(folder, max_broken=1.0, pipeline=[PIPELINE[0], *PIPELINE[2:]])
    with pytest.raises(DataError, match=r'10 samples in a row .*pipeline.*frame_inds'):
        dataset[0]


def test_parts_of_a_distributed_run():
    """In an epoch, each of 4 processes reads 25 of 100 samples: it may find a quarter of 8."""
    states = SampleStates(100, parts=4)
    assert states.allowed(0.08) == 2
    for i in range(50):
        states.mark_good(i)
    assert states.allowed(0.08) == 4
    assert SampleStates(100).allowed(0.08) == 8


def test_states_are_copied(folder):
    dataset = videos(folder, max_broken=0.125)
    other = copy.deepcopy(dataset)
    dataset[3]
    assert other.broken_files() == []


def frames(tmp_path, line, **kwargs):
    (tmp_path / 'list.txt').write_text(f'{line}\nwhole 16 1\n')
    for name in ('clip', 'whole'):
        (tmp_path / name).mkdir()
        for i in range(16):
            (tmp_path / name / f'{i + 1:05}.jpg').write_bytes(jpeg(i))
    return CheckedRawframeDataset(
        ann_file=str(tmp_path / 'list.txt'),
        data_prefix=dict(img=str(tmp_path)),
        filename_tmpl='{:05}.jpg',
        pipeline=[SAMPLED[0], dict(type='RawFrameDecode'), *SAMPLED[2:]],
        **kwargs,
    )


def test_broken_frames_are_replaced(tmp_path):
    dataset = frames(tmp_path, 'clip 16 0', max_broken=0.5)
    for path in (tmp_path / 'clip').iterdir():
        path.write_bytes(b'no jpeg')
    assert int(dataset[0]['data_samples'].gt_label) == 1
    assert dataset.broken_files() == [str(tmp_path / 'clip')]


def test_a_frame_count_that_disagrees_is_replaced(tmp_path):
    dataset = frames(tmp_path, 'clip 1600 0', max_broken=0.5)
    assert int(dataset[0]['data_samples'].gt_label) == 1


def test_a_clip_of_one_frame_is_read(tmp_path):
    dataset = frames(tmp_path, 'clip 1 0')
    inputs = dataset[0]['inputs']
    assert int(dataset[0]['data_samples'].gt_label) == 0
    assert all(torch.equal(inputs[0], frame) for frame in inputs)


CONFIG = """
    default_scope = 'mmaction'
    custom_imports = dict(imports=['msnet_mmaction'])
    model = dict(
        type='MotionRecognizer2D',
        backbone=dict(type='FastResNetTSM', depth=18, num_segments=4, shift_div=8),
        cls_head=dict(
            type='TSMHead', num_classes=16, in_channels=512, num_segments=4, average_clips='prob'
        ),
        data_preprocessor=dict(type='ActionDataPreprocessor', mean=[0.0] * 3, std=[255.0] * 3),
    )
    loader = dict(
        batch_size=1,
        num_workers=2,
        sampler=dict(type='DefaultSampler', shuffle=False),
        dataset=dict(
            type='CheckedVideoDataset',
            ann_file='FOLDER/list.txt',
            data_prefix=dict(video='FOLDER'),
            num_classes=16,
            test_mode=True,
            pipeline=PIPELINE,
        ),
    )
    val_dataloader = test_dataloader = loader
    val_evaluator = test_evaluator = [
        dict(type='CheckedAccMetric'), dict(type='DumpResults', out_file_path='FOLDER/out.pkl')
    ]
    val_cfg = dict()
    test_cfg = dict()
    default_hooks = dict(
        logger=dict(type='LoggerHook'), broken_files=dict(type='BrokenFilesHook')
    )
    work_dir = 'FOLDER/work'
    env_cfg = dict(dist_cfg=dict(backend='gloo'))
"""


def config(folder):
    text = textwrap.dedent(CONFIG).replace('FOLDER', str(folder)).replace('PIPELINE', str(PIPELINE))
    (folder / 'config.py').write_text(text)
    return folder / 'config.py'


def logged_metrics(folder):
    (path,) = folder.glob('work/*/2*.json')
    return json.loads(path.read_text())


def check_results(folder, metrics):
    dumped = load(folder / 'out.pkl')
    assert [int(sample['gt_label']) for sample in dumped] == list(range(16))
    assert [i for i, sample in enumerate(dumped) if sample.get('is_placeholder')] == [3, 5]
    # Each entry is named by its own file, not by the one that took its place.
    assert [Path(sample['filename']).name for sample in dumped] == [f'{i}.mp4' for i in range(16)]
    # By hand, of the 14 that were read.
    read = [sample for sample in dumped if not sample.get('is_placeholder')]
    right = [int(s['pred_score'].argmax()) == int(s['gt_label']) for s in read]
    assert metrics['acc/top1'] == pytest.approx(sum(right) / 14)


def test_a_test_ends_in_the_list_of_them(folder):
    runner = Runner.from_cfg(Config.fromfile(config(folder)))
    with pytest.raises(
        DataError,
        match=r'(?s)2 of 16 samples could not be read.* of the other 14:'
        r'\n  \S*3\.mp4 \(entry.*\n  \S*5\.mp4 \(entry',
    ):
        runner.test()
    check_results(folder, logged_metrics(folder))


def test_a_test_on_two_processes(folder):
    """Each process reads its half, and all are told of both files."""
    worker = (
        'import sys; from mmengine.config import Config; from mmengine.runner import Runner; '
        'import msnet_mmaction; cfg = Config.fromfile(sys.argv[1]); cfg.launcher = "pytorch"; '
        'Runner.from_cfg(cfg).test()'
    )
    script = folder / 'worker.py'
    script.write_text(worker)
    launch = ('-m', 'torch.distributed.run', '--standalone', '--nproc_per_node=2')
    done = run_python(*launch, script, config(folder), cwd=folder)
    assert done.returncode != 0
    assert 'DataError: 2 of 16 samples could not be read' in done.stderr, done.stderr[-3000:]
    check_results(folder, logged_metrics(folder))


def test_a_validation_warns(folder):
    cfg = Config.fromfile(config(folder))
    cfg.loader.dataset.max_broken = cfg.val_dataloader.dataset.max_broken = 0.2
    cfg.experiment_name = 'validation'
    runner = Runner.from_cfg(cfg)
    metrics = runner.val()
    log = next(folder.glob('work/*/*.log')).read_text()
    assert 'WARNING - 2 of 16 samples could not be read' in log
    check_results(folder, metrics)

    cfg.val_dataloader.dataset.max_broken = 0.1
    cfg.experiment_name = 'validation2'
    with pytest.raises(DataError, match='2 of 16 samples'):
        Runner.from_cfg(cfg).val()


def test_the_configs_have_the_hook():
    """Also one that replaces the custom hooks."""
    root = Path(__file__).parents[2] / 'configs'
    for name in ('msnet_r50_sthv1', 'msnet_r50_hmdb51', 'demo/msnet_r18_motion'):
        cfg = Config.fromfile(root / f'{name}.py')
        assert cfg.default_hooks.broken_files.type == 'BrokenFilesHook'
        assert cfg.val_evaluator.type == cfg.test_evaluator.type == 'CheckedAccMetric'


def test_many_broken_neighbours_do_not_stop_a_test(folder):
    """As those of one class in a sorted list."""
    torch.manual_seed(0)  # 12 of 16 are broken: it could draw ten of them in a row
    for i in range(12):
        (folder / f'{i}.mp4').write_bytes(b'')
    dataset = videos(folder, test_mode=True)
    dataset.report_at_end = True
    faults = [dataset[i]['data_samples'].get('read_error') for i in range(16)]
    assert [fault is not None for fault in faults] == [True] * 12 + [False] * 4
    assert all(f'{i}.mp4 (entry {i} of' in fault for i, fault in enumerate(faults[:12]))


def test_a_placeholder_has_the_folder_of_the_sample_asked_for(tmp_path):
    dataset = frames(tmp_path, 'clip 16 0', test_mode=True)
    dataset.report_at_end = True
    shutil.rmtree(tmp_path / 'clip')
    sample = dataset[0]['data_samples']
    assert sample.is_placeholder
    assert sample.frame_dir == str(tmp_path / 'clip')
    assert not dataset[1]['data_samples'].get('is_placeholder')


def test_the_hook_takes_any_outputs(folder):
    """As those of mmaction2's clip_feature_extraction.py: tensors."""
    dataset = videos(folder, test_mode=True)
    loader = DataLoader(dataset, 4, collate_fn=pseudo_collate)
    runner = SimpleNamespace(test_dataloader=loader)
    hook = BrokenFilesHook()
    hook.before_test_epoch(runner)
    for index, batch in enumerate(loader):
        hook.after_test_iter(runner, index, batch, list(torch.zeros(4, 512)))
    with pytest.raises(DataError, match=r'(?s)2 of 16 samples .*3\.mp4 .*5\.mp4 '):
        hook.after_test_epoch(runner, {})


def test_without_the_hook_a_broken_file_is_an_error_at_once(folder):
    with pytest.raises(DataError, match=r'3\.mp4 \(entry 3'):
        videos(folder, test_mode=True)[3]
