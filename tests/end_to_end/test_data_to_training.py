"""From a download to a tested network, by the commands of docs/data.md."""

import re
import sys

import pytest
from mmengine.config import Config

from tests.helpers.downloads import sthv1
from tests.helpers.processes import ROOT, run

CONFIG = ROOT / 'configs' / 'msnet_r18_sthv1.py'


def small_options():
    """One epoch of two clips of 64 x 64 pixels, whatever the pipelines are made of."""
    options = [
        'train_cfg.max_epochs=1',
        'default_hooks.logger.interval=1',
        'model.backbone.backbone.init_cfg=None',
    ]
    cfg = Config.fromfile(CONFIG)
    for split in ('train', 'val', 'test'):
        loader = f'{split}_dataloader'
        options += [f'{loader}.{o}' for o in ('batch_size=1', 'num_workers=1', 'dataset.indices=2')]
        for i, transform in enumerate(cfg[loader].dataset.pipeline):
            for key, value in transform.items():
                if value in (224, (224, 224)):
                    small = str(value).replace('224', '64').replace(' ', '')
                    options.append(f'{loader}.dataset.pipeline.{i}.{key}={small}')
    return ['--cfg-options', *options]


@pytest.mark.slow
def test_from_the_download_to_a_tested_network(tmp_path, command, monkeypatch):
    """Something-Something V1, from any folder, as its commands stand."""
    sthv1(tmp_path / 'ROOT')
    options = small_options()
    assert len(options) > 14  # three crops and a resize of 224 pixels among them
    run(sys.executable, ROOT / 'tools/data/prepare.py', 'sthv1', '--root', 'ROOT', cwd=tmp_path)
    monkeypatch.chdir(tmp_path)
    command('train', CONFIG, *options)
    checkpoint = 'work_dirs/msnet_r18_sthv1/epoch_1.pth'
    printed = command('test', CONFIG, checkpoint, *options)
    assert 'acc/top1' in printed


def test_the_documented_commands_exist():
    """Each file that docs/data.md names is there, and each tool takes the options named."""
    text = (ROOT / 'docs' / 'data.md').read_text()
    named = set(re.findall(r'\b(?:tools|configs|tests)/[\w/]+\.py', text))
    assert len(named) > 9
    # mmaction2's own, which the text says to be its.
    missing = {name for name in named if not (ROOT / name).exists()}
    assert missing == {'tools/data/build_file_list.py'}
    for tool in ('prepare', 'browse'):
        source = (ROOT / 'msnet_mmaction' / 'commands' / tool / 'cli.py').read_text()
        for line in re.findall(rf'^python tools/data/{tool}\.py .*', text, re.M):
            for option in re.findall(r'--[a-z-]+', line):
                assert f"'{option}'" in source
