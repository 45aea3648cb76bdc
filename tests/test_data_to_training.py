"""From a download to a tested network, by the commands of docs/data.md."""

import re
import sys

from .datasets.downloads import sthv1
from .test_end_to_end import ROOT, run

SMALL = [
    'train_cfg.max_epochs=1',
    'default_hooks.logger.interval=1',
    'model.backbone.backbone.init_cfg=None',
    *(
        f'{split}_dataloader.{option}'
        for split in ('train', 'val', 'test')
        for option in ('batch_size=1', 'num_workers=1', 'dataset.indices=2')
    ),
]


def test_from_the_download_to_a_tested_network(tmp_path):
    """Something-Something V1, from any folder, as its commands stand."""
    sthv1(tmp_path / 'ROOT')
    config = ROOT / 'configs' / 'msnet_r18_sthv1.py'
    run(sys.executable, ROOT / 'tools/data/prepare.py', 'sthv1', '--root', 'ROOT', cwd=tmp_path)
    run(sys.executable, ROOT / 'tools/train.py', config, '--cfg-options', *SMALL, cwd=tmp_path)
    checkpoint = 'work_dirs/msnet_r18_sthv1/epoch_1.pth'
    printed = run(
        sys.executable, ROOT / 'tools/test.py', config, checkpoint, '--cfg-options', *SMALL,
        cwd=tmp_path,
    )  # fmt: skip
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
        source = (ROOT / 'tools' / 'data' / f'{tool}.py').read_text()
        for line in re.findall(rf'^python tools/data/{tool}\.py .*', text, re.M):
            for option in re.findall(r'--[a-z-]+', line):
                assert f"'{option}'" in source
