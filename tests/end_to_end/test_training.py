"""Training, resuming and testing as a user does: by the command lines, on generated videos.

Each tool is run once as a process of its own; what else there is to show runs in this process.
"""

import json
import sys
from pathlib import Path

import mmaction
import mmengine
import pytest
import torch

from msnet_mmaction.apis import load_recognizer, motion_of_video
from msnet_mmaction.commands.demo.motion_data import generate
from tests.helpers.processes import ROOT, run

CONFIG = ROOT / 'configs' / 'demo' / 'msnet_r18_motion.py'
INSTALLED_TOOLS = Path(mmaction.__file__).parent / '.mim' / 'tools'


pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return generate(tmp_path_factory.mktemp('motion'), num_train=16, num_val=8, workers=1)


def options(data, *more):
    roots = [f'{split}_dataloader.dataset.data_root={data}' for split in ('train', 'val', 'test')]
    return ['--cfg-options', 'train_dataloader.batch_size=8', *roots, *more]


def epochs_of(work_dir):
    """Epochs that the logs below a work directory say were trained, in order."""
    lines = [
        json.loads(line)
        for path in sorted(work_dir.glob('*/vis_data/2*.json'))
        for line in path.read_text().splitlines()
    ]
    return [line['epoch'] for line in lines if 'loss' in line]


@pytest.fixture(scope='module')
def trained(data, tmp_path_factory):
    """A work directory after one epoch by tools/train.py."""
    work_dir = tmp_path_factory.mktemp('work')
    run(
        sys.executable, 'tools/train.py', CONFIG, '--work-dir', work_dir,
        *options(data, 'train_cfg.max_epochs=1', 'default_hooks.logger.interval=1'),
    )  # fmt: skip
    return work_dir


def test_training_leaves_a_checkpoint_that_holds_weights_alone(trained):
    checkpoint = torch.load(trained / 'epoch_1.pth', weights_only=True)
    assert checkpoint['meta']['epoch'] == 1
    assert any('layer1.motion.' in key for key in checkpoint['state_dict'])


def test_resume(data, command, tmp_path):
    common = ['train', CONFIG, '--work-dir', tmp_path, '--resume']
    for epochs in (1, 2):
        printed = command(
            *common,
            *options(data, f'train_cfg.max_epochs={epochs}', 'default_hooks.logger.interval=1'),
        )
    assert 'resumed epoch: 1' in printed
    assert (tmp_path / 'epoch_2.pth').is_file()
    assert epochs_of(tmp_path) == [1, 1, 2, 2]


def test_the_first_of_runs_that_resume_starts_from_load_from(trained, data, command, tmp_path):
    """--resume sets load_from aside, and trained from scratch where there was nothing to resume."""
    config = tmp_path / 'config.py'
    config.write_text(f'_base_ = {str(CONFIG)!r}\nload_from = {str(trained / "epoch_1.pth")!r}\n')
    common = [
        'train', config, '--work-dir', tmp_path / 'out', '--resume',
        *options(data, 'train_cfg.max_epochs=1'),
    ]  # fmt: skip
    printed = command(*common)
    assert f'the run starts from load_from of {config}' in printed
    assert f'Load checkpoint from {trained / "epoch_1.pth"}' in printed
    assert 'resumed epoch' not in printed
    printed = command(*common)
    assert 'resumed epoch: 1' in printed
    assert 'nothing to resume' not in printed


def test_testing(trained, data):
    best = trained / 'best.pth'
    assert best.resolve() == next(trained.glob('best_*.pth'))
    printed = run(
        sys.executable, 'tools/test.py', CONFIG, best, '--work-dir', trained, *options(data)
    )
    assert 'acc/top1' in printed
    for unwanted in ('Warning', 'WARNING', 'missing keys', 'unexpected key'):
        assert unwanted not in printed


def test_two_processes_train_and_test_without_a_gpu(data, tmp_path):
    run(
        ROOT / 'tools/dist_train.sh', CONFIG, 2, '--work-dir', tmp_path,
        *options(data, 'train_cfg.max_epochs=1', 'default_hooks.logger.interval=1'), cwd=tmp_path,
    )  # fmt: skip
    # 16 clips: two processes with batches of 8 are through in one step.
    assert epochs_of(tmp_path) == [1]
    checkpoint = tmp_path / 'best.pth'
    printed = run(
        ROOT / 'tools/dist_test.sh', CONFIG, checkpoint, 2, '--work-dir', tmp_path,
        *options(data), cwd=tmp_path,
    )  # fmt: skip
    assert 'acc/top1' in printed


def test_mmaction2s_own_tools(data, tmp_path):
    """From another folder, with nothing but the config's custom_imports."""
    run(
        sys.executable, INSTALLED_TOOLS / 'train.py', CONFIG, '--work-dir', 'out',
        *options(data, 'train_cfg.max_epochs=1'), cwd=tmp_path,
    )  # fmt: skip
    printed = run(
        sys.executable, INSTALLED_TOOLS / 'test.py', CONFIG, 'out/epoch_1.pth',
        '--work-dir', 'out', *options(data), cwd=tmp_path,
    )  # fmt: skip
    assert 'acc/top1' in printed


def test_mmaction2s_feature_extraction(trained, data, tmp_path):
    """clip_feature_extraction.py puts another head in the classifier's place."""
    checkpoint = next(trained.glob('best_*.pth'))
    tool = INSTALLED_TOOLS / 'misc' / 'clip_feature_extraction.py'
    run(
        sys.executable, tool, CONFIG, checkpoint, tmp_path, '--video-list', data / 'val.txt',
        '--video-root', data, *options(data),
    )  # fmt: skip
    videos = [line.split()[0] for line in (data / 'val.txt').read_text().splitlines()]
    features = [mmengine.load(tmp_path / f'{video}.pkl') for video in videos]
    assert {feature.shape for feature in features} == {(512,)}
    # Those that the classifier is given, a frame at a time.
    model = load_recognizer(CONFIG, checkpoint, 'cpu')
    seen = []
    model.cls_head.fc_cls.register_forward_pre_hook(lambda m, args: seen.append(args[0]))
    motion_of_video(model, data / videos[3])
    torch.testing.assert_close(features[3], seen[0].mean(dim=0), rtol=1e-3, atol=1e-4)


def test_mmaction2s_flops_tool(command):
    printed = command(
        'tool', 'analysis_tools/get_flops.py', 'msnet_mmaction::msnet_r50_sthv1.py',
        '--shape', 8, 3, 224, 224,
    )  # fmt: skip
    assert 'Params: 23.' in printed
    assert 'layer2.motion' in printed


def test_mmaction2s_inferencers(trained, data):
    from mmaction.apis import ActionRecogInferencer, MMAction2Inferencer

    clip = str(data / (data / 'val.txt').read_text().split()[0])
    weights = str(next(trained.glob('best_*.pth')))
    for inferencer in (
        ActionRecogInferencer(str(CONFIG), weights, device='cpu'),
        MMAction2Inferencer(str(CONFIG), weights, device='cpu'),
    ):
        scores = inferencer(clip)['predictions'][0]
        scores = scores.get('pred_scores', scores.get('rec_scores'))
        assert len(scores if len(scores) == 8 else scores[0]) == 8


def test_the_wrong_checkpoint_is_refused(trained, data, command, tmp_path):
    plain = ROOT / 'configs' / 'demo' / 'resnet18_motion.py'
    checkpoint = next(trained.glob('best_*.pth'))
    printed = command('test', plain, checkpoint, '--work-dir', tmp_path, *options(data), status=2)
    assert f'error: {checkpoint} does not fit this model' in printed
    assert 'unknown to the model: backbone.layer1.motion' in printed


def test_training_starts_from_a_network_without_the_layer(data, command, tmp_path):
    from mmaction.registry import MODELS
    from mmengine.config import Config

    cfg = Config.fromfile(CONFIG)
    cfg.model.backbone.layers = {}
    for classes in (8, 9):
        cfg.model.cls_head.num_classes = classes
        state_dict = MODELS.build(cfg.model).state_dict()
        torch.save(dict(state_dict=state_dict), tmp_path / f'tsm_{classes}.pth')
    common = [
        'train', CONFIG, '--work-dir', tmp_path / 'out',
        *options(data, 'train_cfg.max_epochs=1'),
    ]  # fmt: skip
    command(*common, f'load_from=motionsqueeze://{tmp_path}/tsm_8.pth')
    # Another number of classes must be asked for.
    printed = command(*common, f'load_from=motionsqueeze://{tmp_path}/tsm_9.pth', status=2)
    assert 'cls_head.fc_cls.weight (9, 512) instead of (8, 512)' in printed
