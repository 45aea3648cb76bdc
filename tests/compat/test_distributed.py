import re
from pathlib import Path

import pytest
import torch

from msnet_mmaction.compat import distributed
from tests.helpers.processes import run_python


def test_two_processes_on_a_cpu(tmp_path):
    launch = ('-m', 'torch.distributed.run', '--standalone', '--nproc-per-node=2')
    worker = ('-m', 'tests.helpers.tiny_runner', tmp_path)
    result = run_python(*launch, *worker, CUDA_VISIBLE_DEVICES='', OMP_NUM_THREADS='1')
    assert result.returncode == 0, result.stderr
    # The two may write on one line.
    ranks = dict(re.findall(r'rank (\d) of 2 gloo (\[+.*?\]+)', result.stdout))
    assert ranks.keys() == {'0', '1'}
    assert ranks['0'] == ranks['1']
    assert (tmp_path / 'epoch_1.pth').is_file()


@pytest.mark.skipif(not Path('/proc/self/task').exists(), reason='threads are listed on Linux')
def test_threads_of_gloo_end_before_python_does(tmp_path):
    code = f"""
import atexit
from pathlib import Path

def gloo_threads():
    names = [task.joinpath('comm').read_text() for task in Path('/proc/self/task').iterdir()]
    return sum('gloo' in name for name in names)

# Functions are called in the reverse order: this is the last one.
atexit.register(lambda: print('at the end:', gloo_threads()))
import torch
from mmengine.model import MMDistributedDataParallel
from msnet_mmaction import compat
compat.init_gloo_without_gpu(init_method='file://{tmp_path}/store', rank=0, world_size=1)
runner = dict(model=MMDistributedDataParallel(torch.nn.Linear(1, 1)))
runner['hook'] = runner
print('while it runs:', gloo_threads() > 0)
del runner
"""
    launched = dict(RANK='0', LOCAL_RANK='0', WORLD_SIZE='1')
    result = run_python('-c', code, CUDA_VISIBLE_DEVICES='', **launched)
    assert result.stdout.splitlines() == ['while it runs: True', 'at the end: 0'], result.stderr


def test_no_group_without_torchrun_or_with_a_gpu(monkeypatch):
    monkeypatch.setattr(
        torch.distributed, 'init_process_group', lambda *a, **k: pytest.fail('started a group')
    )
    monkeypatch.delenv('RANK', raising=False)
    distributed.init_gloo_without_gpu()
    for name in ('RANK', 'LOCAL_RANK', 'WORLD_SIZE'):
        monkeypatch.setenv(name, '1')
    monkeypatch.setattr(distributed, 'get_device', lambda: 'cuda')
    distributed.init_gloo_without_gpu()


def test_the_launcher_is_left_alone_with_a_gpu(monkeypatch):
    original = object()
    monkeypatch.setattr(distributed, 'get_device', lambda: 'cuda')
    monkeypatch.setattr(distributed.dist_utils, '_init_dist_pytorch', original)
    distributed.launch_without_gpu()
    assert distributed.dist_utils._init_dist_pytorch is original
