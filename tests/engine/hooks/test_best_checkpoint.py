"""``best.pth`` is the checkpoint that validated best, whatever its name."""

import os
import shutil
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from msnet_mmaction.engine.hooks import BestCheckpointLinkHook
from tests.helpers import tiny_runner
from tests.helpers.tiny_runner import Count

ROOT = Path(__file__).parents[3]


@pytest.fixture
def train(monkeypatch):
    """Trains with the given metric after each epoch."""

    def run(work_dir, *values, **kwargs):
        left = iter(values)
        monkeypatch.setattr(Count, 'compute_metrics', lambda *_: dict(count=next(left)))
        runner = tiny_runner.tiny_runner(work_dir, **kwargs)
        runner.register_hook(BestCheckpointLinkHook())
        runner.train()

    return run


def test_it_follows_the_best_and_survives_resume(train, tmp_path):
    train(tmp_path, 1.0, 3.0, 2.0, max_epochs=3)
    link = tmp_path / 'best.pth'
    assert os.readlink(link) == 'best_count_epoch_2.pth'
    assert torch.load(link, weights_only=False)['meta']['epoch'] == 2
    # Not better than before, then better.
    train(tmp_path, 2.5, max_epochs=4, resume=True)
    assert os.readlink(link) == 'best_count_epoch_2.pth'
    train(tmp_path, 4.0, max_epochs=5, resume=True)
    assert os.readlink(link) == 'best_count_epoch_5.pth'
    assert link.is_file()
    # Nothing else is left.
    assert len([path for path in tmp_path.iterdir() if 'best' in path.name]) == 2


def test_a_moved_work_dir(train, tmp_path):
    """The checkpoint names the best one by its old path, which is gone; the link still holds."""
    train(tmp_path / 'old', 1.0, max_epochs=1)
    shutil.move(tmp_path / 'old', tmp_path / 'new')
    last = str(tmp_path / 'new' / 'epoch_1.pth')
    train(tmp_path / 'new', 0.5, max_epochs=2, resume=True, load_from=last)
    assert torch.load(tmp_path / 'new' / 'best.pth', weights_only=False)['meta']['epoch'] == 1


def test_a_copy_where_there_are_no_links(train, tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError('a required privilege is not held by the client')

    monkeypatch.setattr(Path, 'symlink_to', no_links)
    train(tmp_path, 1.0, 3.0, max_epochs=2)
    assert not (tmp_path / 'best.pth').is_symlink()
    content = (tmp_path / 'best.pth').read_bytes()
    assert content == (tmp_path / 'best_count_epoch_2.pth').read_bytes()


def test_the_configs_have_it():
    for name in ('msnet_r50_sthv1', 'demo/msnet_r18_motion'):
        cfg = Config.fromfile(ROOT / 'configs' / f'{name}.py')
        assert cfg.default_hooks.best_checkpoint.type == 'BestCheckpointLinkHook'
        assert cfg.default_hooks.checkpoint.save_best
