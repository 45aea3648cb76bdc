"""The commands and examples of docs/tutorials/own_data.md, as they stand, in an empty folder."""

import csv
import re
import shlex
import sys

import numpy as np
import pytest
from mmengine.config import Config

from msnet_mmaction.commands.cli import main
from tests.helpers.processes import ROOT, run

PAGE = (ROOT / 'docs' / 'tutorials' / 'own_data.md').read_text(encoding='utf-8')


def small(config, split):
    """Options that make pictures of 64 x 64."""
    sizes = dict(MultiScaleCrop='input_size', CenterCrop='crop_size')
    pipeline = f'{split}_dataloader.dataset.pipeline'
    for place, step in enumerate(Config.fromfile(config)[f'{split}_dataloader'].dataset.pipeline):
        if step.type in sizes:
            yield f'{pipeline}.{place}.{sizes[step.type]}=64'
        elif step.get('scale') == (224, 224):
            yield f'{pipeline}.{place}.scale=(64,64)'


def short_training(config):
    """Options of one epoch of three small videos."""
    yield from ('train_cfg.max_epochs=1', 'default_hooks.logger.interval=1')
    for split in ('train', 'val'):
        yield from small(config, split)
        for option in ('num_workers=0', 'persistent_workers=False', 'dataset.indices=3'):
            yield f'{split}_dataloader.{option}'


@pytest.mark.slow
def test_the_page(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r'```(python|sh)\n(.*?)```', PAGE, re.S)
    assert [kind for kind, _ in blocks].count('sh') == 5
    namespace = {}
    commands = []
    for kind, block in blocks:
        if kind == 'python':
            exec(block, namespace)
            printed = capsys.readouterr().out
            for expected in re.findall(r'print\(.*\)  # (.*)', block):
                assert expected in printed
            continue
        for line in block.splitlines():
            *program, command, target = shlex.split(line)[:5]
            assert program == ['python', '-m', 'msnet_mmaction']
            words = shlex.split(line)[3:]
            if command == 'train':
                options = ['--cfg-options', *short_training(target)]
                run(sys.executable, '-m', 'msnet_mmaction', *words, *options, cwd=tmp_path)
            else:
                options = ['--cfg-options', *small(target, 'test')] if command == 'predict' else []
                assert main([*words, *options]) == 0
            commands.append(command)
    assert commands == ['prepare', 'train', *['predict'] * 4]
    with open('predictions.csv', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24
    assert {row['class_1'] for row in rows} <= {'fällt', 'moves left', 'moves right'}
    with open('windows.csv', encoding='utf-8') as file:
        assert [row['end'] for row in csv.DictReader(file)][:3] == ['0.800', '1.200', '1.600']
    with np.load('features.npz') as features:
        assert features['features'].shape == (8, 512)
    assert len(list((tmp_path / 'motion').iterdir())) == 8
