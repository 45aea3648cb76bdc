"""A run that ends where nobody wants it to, resumed, is the run that did not end: bit by bit."""

import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from msnet_mmaction.checkpoints import CheckpointError
from msnet_mmaction.engine.checkpoint_files import (
    WholeFileBackend,
    latest_whole_checkpoint,
    remove_unfinished,
)
from msnet_mmaction.engine.hooks import InterruptionHook, NonFiniteLossError
from msnet_mmaction.engine.hooks.interruption import REQUEUE
from tests.helpers import interrupted_runs
from tests.helpers.interrupted_runs import (
    EvalNorms,
    StopAt,
    assert_equal,
    final_state,
    train,
    without_dropout,
    write_config,
)
from tests.helpers.processes import ROOT, run_python

HELPER = Path(interrupted_runs.__file__)


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return interrupted_runs.write_data(tmp_path_factory.mktemp('data'))


@pytest.fixture(scope='module')
def whole(data, tmp_path_factory):
    """A run of two epochs that nothing disturbed."""
    work_dir = tmp_path_factory.mktemp('whole')
    train(data, work_dir)
    return work_dir


def save_each_iteration(cfg):
    cfg.default_hooks.interruption.interval = 1


def other_workers(cfg):
    cfg.train_dataloader.update(num_workers=0, persistent_workers=False)


def log_of(runner):
    return Path(runner._log_dir, f'{runner.timestamp}.log').read_text()


@pytest.mark.parametrize('change', [None, other_workers], ids=['workers', 'no workers'])
def test_resumed_after_an_epoch(data, whole, tmp_path, change):
    """MMEngine saves no random states; the number of workers changes nothing, either."""
    shutil.copy(whole / 'epoch_1.pth', tmp_path)
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_1.pth'))
    train(data, tmp_path, resume=True, change=change)
    assert_equal(final_state(tmp_path), final_state(whole))


def test_a_run_without_a_seed(data, tmp_path):
    """MMEngine resumes the seed, but not that of the order of the samples."""
    train(data, tmp_path / 'whole', seed=None)
    cut = tmp_path / 'cut'
    cut.mkdir()
    shutil.copy(tmp_path / 'whole' / 'epoch_1.pth', cut)
    (cut / 'last_checkpoint').write_text(str(cut / 'epoch_1.pth'))
    train(data, cut, resume=True, seed=None)
    assert_equal(final_state(cut), final_state(tmp_path / 'whole'))


@pytest.mark.parametrize('stop', [4, 7])
def test_resumed_within_an_epoch(data, whole, tmp_path, stop):
    train(data, tmp_path, hook=StopAt(stop), change=save_each_iteration)
    runner = train(data, tmp_path, resume=True)
    assert_equal(final_state(tmp_path), final_state(whole))
    if stop % 4:
        assert f'goes on after {stop % 4} of 4 iterations' in log_of(runner)
    assert not (tmp_path / 'mid_epoch.pth').exists()


@pytest.mark.parametrize('epoch', [1, 2])
def test_a_validation_that_was_cut_short(data, whole, tmp_path, epoch):
    train(data, tmp_path, hook=StopAt(validation=epoch))
    runner = train(data, tmp_path, resume=True)
    assert_equal(final_state(tmp_path), final_state(whole))
    assert f'The validation of epoch {epoch} was cut short' in log_of(runner)
    assert os.readlink(tmp_path / 'best.pth') == os.readlink(whole / 'best.pth')
    # Once is enough.
    assert 'cut short' not in log_of(train(data, tmp_path, resume=True))


def free_port():
    with socket.socket() as taken:
        taken.bind(('localhost', 0))
        return taken.getsockname()[1]


def torchrun(*arguments, port):
    return ['-m', 'torch.distributed.run', '--nproc_per_node=2', f'--master_port={port}',
            *map(str, arguments)]  # fmt: skip


@pytest.mark.slow
def test_two_processes(data, tmp_path):
    """Whole; ended within the second epoch; resumed. And halves of the batches of one process."""
    done = run_python(*torchrun(HELPER, data, tmp_path, port=free_port()), OMP_NUM_THREADS='1')
    assert done.returncode == 0, done.stderr[-3000:]
    assert 'rank 0 of 2 equal' in done.stdout
    assert 'rank 1 of 2 equal' in done.stdout
    train(data, tmp_path / 'one', hook=EvalNorms(), change=without_dropout, batch_size=2)
    one, two = (final_state(tmp_path / name) for name in ('one', 'halves'))
    # Eight steps: of the same samples, with the same frames, crops and flips.
    for key, weight in one['state_dict'].items():
        torch.testing.assert_close(two['state_dict'][key], weight, rtol=1e-4, atol=1e-6)
    assert one['log']['val/acc/top1'].tolist() == two['log']['val/acc/top1'].tolist()


def train_in_a_process(config, *arguments, **kwargs):
    return subprocess.Popen(
        [sys.executable, ROOT / 'tools' / 'train.py', config, *arguments],
        env={**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **kwargs,
    )


@pytest.mark.slow
def test_sigterm(data, tmp_path):
    """To all processes, data workers as well, as Slurm and torchrun send it."""
    config = write_config(data, tmp_path, epochs=1000)
    process = train_in_a_process(config)
    started = ''
    while not re.search(r'\[ *2\]\[2/4\]', started):
        started = process.stdout.readline()
        assert started, 'it ended by itself'
    os.killpg(process.pid, signal.SIGTERM)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == REQUEUE == 75, printed[-3000:]
    assert 'SIGTERM' in printed
    assert 'Traceback' not in printed
    # The run goes on where it ended.
    iteration = torch.load(tmp_path / latest_whole_checkpoint(tmp_path)[0])['meta']['iter']
    runner = train(data, tmp_path, resume=True, epochs=iteration // 4 + 1)
    assert f'iter: {iteration}' in log_of(runner)
    train(data, tmp_path / 'whole', epochs=iteration // 4 + 1)
    name = f'epoch_{iteration // 4 + 1}.pth'
    found, expected = final_state(tmp_path, name), final_state(tmp_path / 'whole', name)
    assert_equal(found['state_dict'], expected['state_dict'])


def test_a_sigterm_is_handled_once_and_only_in_training(data, tmp_path):
    before = signal.getsignal(signal.SIGTERM)

    class Send(StopAt):
        def before_train_iter(self, runner, batch_idx, data_batch=None):
            if runner.iter == 1:
                os.kill(os.getpid(), signal.SIGTERM)
                assert signal.getsignal(signal.SIGTERM) == before

    with pytest.raises(SystemExit) as left:
        train(data, tmp_path, hook=Send())
    assert left.value.code == 75
    assert torch.load(tmp_path / 'mid_epoch.pth')['meta']['iter'] == 2
    assert signal.getsignal(signal.SIGTERM) == before


def test_another_batch_size_cannot_go_on_within_an_epoch(data, tmp_path):
    train(data, tmp_path, hook=StopAt(2), change=save_each_iteration)
    with pytest.raises(
        ValueError, match='1 processes and 4 iterations an epoch, this run of 1 and 8'
    ):
        train(data, tmp_path, resume=True, batch_size=1)


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[:-500])


def empty(path):
    path.write_bytes(b'')


def test_a_damaged_latest_checkpoint(data, whole, tmp_path):
    shutil.copytree(whole, tmp_path / 'run')
    last = tmp_path / 'run' / 'epoch_2.pth'
    (tmp_path / 'run' / 'last_checkpoint').write_text(str(last))
    damage(last)
    runner = train(data, tmp_path / 'run', resume=True)
    assert f'resumed from {tmp_path / "run" / "epoch_1.pth"}, the newest whole' in log_of(runner)
    assert_equal(final_state(tmp_path / 'run'), final_state(whole))


@pytest.mark.parametrize('spoil', [damage, cut, empty, Path.unlink])
def test_what_is_not_whole(whole, tmp_path, spoil):
    for name in ('epoch_1.pth', 'epoch_2.pth'):
        shutil.copy2(whole / name, tmp_path)
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_2.pth'))
    assert latest_whole_checkpoint(tmp_path) == (tmp_path / 'epoch_2.pth', [])
    spoil(tmp_path / 'epoch_2.pth')
    path, faults = latest_whole_checkpoint(tmp_path)
    assert path == tmp_path / 'epoch_1.pth'
    assert len(faults) == 1
    assert 'epoch_2.pth' in faults[0]


def test_a_note_that_was_not_written(data, whole, tmp_path):
    """Killed between the first checkpoint and the note of it, or in the note."""
    shutil.copytree(whole, tmp_path / 'run')
    (tmp_path / 'run' / 'last_checkpoint').write_text('')
    assert latest_whole_checkpoint(tmp_path / 'run')[0].name == 'epoch_2.pth'
    (tmp_path / 'run' / 'last_checkpoint').unlink()
    assert latest_whole_checkpoint(tmp_path / 'run')[0].name == 'epoch_2.pth'


def test_what_a_kill_left_unfinished_is_removed(tmp_path):
    for name in ('.epoch_2.4711.pth', '.hidden.pth', 'epoch_1.pth'):
        (tmp_path / name).touch()
    remove_unfinished(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {'.hidden.pth', 'epoch_1.pth'}


def test_no_whole_checkpoint_is_an_error(data, whole, tmp_path):
    for name in ('epoch_1.pth', 'epoch_2.pth'):
        shutil.copy(whole / name, tmp_path)
        cut(tmp_path / name)
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_2.pth'))
    with pytest.raises(CheckpointError, match=r'no checkpoint in .* can be resumed') as error:
        train(data, tmp_path, resume=True)
    assert 'epoch_1.pth' in str(error.value)


def test_the_old_checkpoint_leaves_after_the_new_one_is_whole(data, tmp_path, monkeypatch):
    """With max_keep_ckpts=1 there was none, for as long as the next was written."""
    seen = []
    put = WholeFileBackend.put

    def look(self, obj, filepath):
        names = {path.name for path in tmp_path.glob('*.pth')}
        seen.append((Path(filepath).name, names))
        put(self, obj, filepath)

    def keep_one(cfg):
        cfg.default_hooks.checkpoint.max_keep_ckpts = 1

    monkeypatch.setattr(WholeFileBackend, 'put', look)
    train(data, tmp_path, change=keep_one)
    assert ('epoch_2.pth', {'epoch_1.pth', 'best.pth', 'best_acc_top1_epoch_1.pth'}) in seen
    assert [path.name for path in tmp_path.glob('epoch_*')] == ['epoch_2.pth']


@pytest.fixture
def small_files():
    """The system refuses to write more than 100 kB into a file, as a full disk does."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk(tmp_path, small_files):
    path = tmp_path / 'epoch_1.pth'
    path.write_bytes(b'earlier')
    with pytest.raises(OSError, match=r'epoch_1.pth could not be written .* go on with --resume'):
        WholeFileBackend().put(bytes(200_000), path)
    assert path.read_bytes() == b'earlier'
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_during_a_run(data, whole, tmp_path, monkeypatch):
    """Outdated checkpoints stay; the run can be resumed."""
    fsync = os.fsync

    def full(descriptor):
        if 'epoch_2' in os.readlink(f'/proc/self/fd/{descriptor}'):
            raise OSError(28, 'No space left on device')
        fsync(descriptor)

    def keep_one(cfg):
        cfg.default_hooks.checkpoint.max_keep_ckpts = 1

    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError, match='No space left on device'):
        train(data, tmp_path, change=keep_one)
    assert [path.name for path in tmp_path.glob('epoch_*')] == ['epoch_1.pth']
    monkeypatch.undo()
    train(data, tmp_path, resume=True, change=keep_one)
    assert_equal(final_state(tmp_path), final_state(whole))


class Poison(StopAt):
    """Weights that give a loss of NaN from an iteration on, in the forward pass alone."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == self.iteration:
            data_batch['inputs'] = [torch.zeros_like(x) for x in data_batch['inputs']]
            runner.model.cls_head.fc_cls.register_forward_hook(
                lambda module, args, output: output * float('nan')
            )


def test_a_loss_that_is_not_a_number(data, whole, tmp_path):
    with pytest.raises(NonFiniteLossError) as error:
        train(data, tmp_path, hook=Poison(5))
    message = str(error.value)
    assert 'loss_cls is not finite in iteration 6 (epoch 2)' in message
    named = [line.strip() for line in message.splitlines()[1:]]
    assert len(named) == 2
    assert all(Path(name).parent == data and Path(name).is_file() for name in named)
    # The state is that before the iteration: without the fault, the run is the one undisturbed,
    # but for the learning rate of the iteration, which is logged twice.
    train(data, tmp_path, resume=True)
    found, expected = final_state(tmp_path), final_state(whole)
    del found['log']['train/lr'], expected['log']['train/lr']
    assert_equal(found, expected)


@pytest.mark.parametrize(
    'name', ['msnet_r50_sthv1', 'demo/msnet_r18_motion', 'baselines/rep_flow_r50_hmdb51']
)
def test_the_configs_have_the_hooks(name):
    """All of them by default_runtime.py."""
    hooks = Config.fromfile(ROOT / 'configs' / f'{name}.py').default_hooks
    assert hooks.checkpoint.type == 'SafeCheckpointHook'
    kinds = ('random_states', 'interruption', 'non_finite')
    assert all(kind in hooks for kind in kinds)


def test_a_validation_alone_saves_nothing(data, whole, tmp_path):
    """MMEngine's hook fails there, where it keeps the best checkpoint."""
    cfg = Config.fromfile(write_config(data, tmp_path))
    cfg.load_from = str(whole / 'epoch_2.pth')
    runner = interrupted_runs.Runner.from_cfg(cfg)
    assert 'acc/top1' in runner.val()
    assert not list(tmp_path.glob('*.pth'))


def test_a_bad_interval():
    with pytest.raises(ValueError, match='interval must be 0 or more, got -1'):
        InterruptionHook(interval=-1)
