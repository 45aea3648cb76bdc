"""Training as a user does it: several processes, mixed precision, resuming, testing."""

import json
import re
import socket

import pytest
import torch

from msnet_mmaction.commands.demo.motion_data import generate
from tests.helpers.gpu import ON_GPU
from tests.helpers.processes import run_python

PROCESSES = torch.cuda.device_count() if ON_GPU else 2
CONFIG = 'msnet_mmaction::demo/msnet_r18_motion.py'


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return generate(tmp_path_factory.mktemp('motion'), num_train=16 * PROCESSES, num_val=8)


def options(data, epochs):
    roots = [f'{split}_dataloader.dataset.data_root={data}' for split in ('train', 'val', 'test')]
    return [
        '--cfg-options', 'train_dataloader.batch_size=8', f'train_cfg.max_epochs={epochs}',
        'default_hooks.logger.interval=1', *roots,
    ]  # fmt: skip


def run(*arguments):
    with socket.socket() as taken:
        taken.bind(('localhost', 0))
        port = taken.getsockname()[1]
    result = run_python('-m', 'msnet_mmaction', *map(str, arguments), PORT=str(port))
    assert result.returncode == 0, (result.stdout + result.stderr)[-3000:]
    return result.stdout + result.stderr


def test_distributed_gradients_are_those_of_the_whole_batch():
    launch = ('-m', 'torch.distributed.run', '--standalone', f'--nproc-per-node={PROCESSES}')
    result = run_python(*launch, '-m', 'tests.helpers.ddp_worker', OMP_NUM_THREADS='1')
    assert result.returncode == 0, result.stderr[-3000:]
    backend = 'nccl' if ON_GPU else 'gloo'
    ranks = re.findall(rf'rank (\d+) of {PROCESSES} {backend} agrees', result.stdout)
    assert sorted(map(int, ranks)) == list(range(PROCESSES))


def test_processes_train_resume_and_test(data, tmp_path):
    work = ['--work-dir', tmp_path]
    # In float16 on a GPU, with a scaled loss, whose scale is resumed too.
    amp = ['--amp'] if ON_GPU else []
    run('dist', PROCESSES, 'train', CONFIG, *work, *amp, *options(data, 1))
    printed = run('dist', PROCESSES, 'train', CONFIG, *work, *amp, '--resume', *options(data, 2))
    assert 'resumed epoch: 1' in printed
    steps = [
        json.loads(line)
        for path in sorted(tmp_path.glob('*/vis_data/2*.json'))
        for line in path.read_text().splitlines()
        if 'loss' in json.loads(line)
    ]
    assert {step['epoch'] for step in steps} == {1, 2}
    assert all(torch.tensor(step['loss']).isfinite() for step in steps)
    checkpoint = torch.load(tmp_path / 'epoch_2.pth', weights_only=True, map_location='cpu')
    assert ('loss_scaler' in checkpoint['optimizer']) == ON_GPU
    printed = run(
        'dist', PROCESSES, 'test', CONFIG, tmp_path / 'best.pth', *work, *options(data, 2)
    )
    assert 'acc/top1' in printed
