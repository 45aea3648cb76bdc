import importlib.metadata
import importlib.util
import io
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner import load_checkpoint

from msnet_mmaction import compat
from msnet_mmaction.compat import checkpoints, distributed
from tests.helpers.tiny_runner import Line, tiny_runner

compat.apply()

ROOT = Path(__file__).parents[2]
DRN = 'mmaction.models.localizers.drn'


def run(*command: str, **env: str) -> subprocess.CompletedProcess:
    env = {**os.environ, 'PYTHONPATH': str(ROOT), **env}
    return subprocess.run(
        [sys.executable, *command], env=env, capture_output=True, text=True, timeout=300
    )


# mmcv ------------------------------------------------------------------------------------------


def installed(monkeypatch, **versions: str) -> None:
    def version(name: str) -> str:
        if name.replace('-', '_') not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name.replace('-', '_')]

    monkeypatch.setattr(importlib.metadata, 'version', version)


@pytest.mark.parametrize(
    'versions', [dict(mmcv='2.0.0'), dict(mmcv='2.1.0'), dict(mmcv_lite='2.1.0')]
)
def test_mmcv_that_fits(monkeypatch, versions):
    installed(monkeypatch, **versions)
    compat.check_mmcv()


@pytest.mark.parametrize(
    ('versions', 'message'),
    [
        (dict(mmcv='2.2.0'), 'mmcv 2.2.0 does not fit'),
        (dict(mmcv_lite='2.2.0'), 'mmcv-lite 2.2.0 does not fit'),
        (dict(mmcv_full='1.7.2'), 'mmcv-full 1.7.2 does not fit'),
        (dict(mmcv='2.1.0', mmcv_lite='2.1.0'), 'uninstall both'),
    ],
)
def test_mmcv_that_does_not_fit(monkeypatch, versions, message):
    installed(monkeypatch, **versions)
    with pytest.raises(ImportError, match=message) as error:
        compat.check_mmcv()
    assert 'pip install mmcv-lite==2.1.0' in str(error.value)


def test_mmcv_missing_or_on_the_path_only(monkeypatch):
    installed(monkeypatch)
    compat.check_mmcv()  # There is no metadata, but it can be imported.
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(ImportError, match='mmcv is not installed'):
        compat.check_mmcv()


# mmaction2#2714 --------------------------------------------------------------------------------


def mmaction_in(monkeypatch, folder: Path) -> None:
    for name in (DRN, f'{DRN}.drn'):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (folder / 'models' / 'localizers').mkdir(parents=True)
    spec = SimpleNamespace(submodule_search_locations=[str(folder)])
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: spec)


def test_drn_is_provided_where_it_is_missing(monkeypatch, tmp_path):
    mmaction_in(monkeypatch, tmp_path)
    compat.provide_drn()
    for name in (DRN, f'{DRN}.drn'):
        with pytest.raises(NotImplementedError, match='2714'):
            sys.modules.pop(name).DRN(voc_size=1)


def test_drn_is_left_alone_where_it_is(monkeypatch, tmp_path):
    mmaction_in(monkeypatch, tmp_path)
    (tmp_path / 'models' / 'localizers' / 'drn').mkdir()
    compat.provide_drn()
    assert DRN not in sys.modules


def test_models_import_without_a_warning(tmp_path):
    config = tmp_path / 'config.py'
    config.write_text(
        "_base_ = 'mmaction::recognition/tsm/"
        "tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_kinetics400-rgb.py'\n"
    )
    script = (
        'from msnet_mmaction import compat; compat.apply()\n'
        'import sys; from mmengine.config import Config\n'
        'Config.fromfile(sys.argv[1])\n'
        'import mmaction.models, mmaction.apis\n'
    )
    result = run('-c', script, str(config), PYTHONWARNINGS='default::UserWarning')
    assert result.returncode == 0, result.stderr
    assert 'Warning' not in result.stderr


# mmengine#1655 ---------------------------------------------------------------------------------


def test_train_resume_and_test(tmp_path):
    tiny_runner(tmp_path).train()
    path = tmp_path / 'epoch_1.pth'
    checkpoint = torch.load(path, weights_only=True)
    buffer = checkpoint['message_hub']['log_scalars']['train/loss']
    assert type(buffer) is HistoryBuffer
    assert buffer.statistics('mean') == buffer.data[0].mean()
    assert buffer.data[0].size == 4

    resumed = tiny_runner(tmp_path, max_epochs=2, resume=True)
    resumed.train()
    assert (resumed.epoch, resumed.iter) == (2, 8)
    # What was loaded can be saved and loaded again.
    assert (tmp_path / 'epoch_2.pth').is_file()
    assert tiny_runner(tmp_path, load_from=str(tmp_path / 'epoch_2.pth')).test()['count'] == 8


@pytest.mark.parametrize('module', ['numpy.core.multiarray', 'numpy._core.multiarray'])
def test_history_and_numbers_of_either_numpy(module):
    buffer = HistoryBuffer([1.0, 3.0], [1, 1])
    saved = io.BytesIO()
    content = dict(buffer=buffer, scalar=np.float32(2), flag=np.bool_(True))
    torch.save(content, saved, _use_new_zipfile_serialization=False)
    here = np.zeros(1).__reduce__()[0].__module__
    data = saved.getvalue().replace(here.encode(), module.encode())
    loaded = torch.load(io.BytesIO(data), weights_only=True)
    assert loaded['scalar'] == 2
    assert loaded['flag']
    assert loaded['buffer'].mean() == 2


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function, *args, state=None) -> None:
        self.call = (function, args) if state is None else (function, args, state)

    def __reduce__(self) -> tuple:
        return self.call


METHOD = Call(getattr, HistoryBuffer, '__init__')
ARRAY = {'shape': (1,), 'typestr': '|O', 'data': (1, False), 'version': 3}
ATTACKS = {
    'eval': Call(eval, '1'),
    'exec': Call(exec, ''),
    'getattr of a method': METHOD,
    'getattr of globals': Call(getattr, METHOD, '__globals__'),
    'getattr of reduce': Call(getattr, HistoryBuffer, '__reduce__'),
    'getattr of subclasses': Call(getattr, HistoryBuffer, '__subclasses__'),
    'getattr of statistics': Call(getattr, HistoryBuffer, '_statistics_methods'),
    'getattr of another': Call(getattr, np.ndarray, 'tofile'),
    'call of a method': Call(HistoryBuffer.register_statistics, np.ndarray),
    'building a buffer': Call(HistoryBuffer, [1], [1]),
    'object dtype': Call(np.dtype, 'O', False, True),
    'void dtype': Call(np.dtype, 'V8', False, True),
    'dtype of fields': Call(np.dtype, [('a', 'O')]),
    'array of objects': np.array([object], dtype=object),
    'method of an array': Call(np.zeros(1).tofile, 'marker'),
}


@pytest.mark.parametrize('attack', [*ATTACKS, 'system'])
@pytest.mark.parametrize('zipped', [True, False])
def test_a_checkpoint_runs_no_code(tmp_path, monkeypatch, attack, zipped):
    monkeypatch.chdir(tmp_path)
    marker = tmp_path / 'marker'
    evil = Call(os.system, f'touch {marker}') if attack == 'system' else ATTACKS[attack]
    path = tmp_path / 'evil.pth'
    content = dict(state_dict=Line().state_dict(), meta=evil)
    torch.save(content, path, _use_new_zipfile_serialization=zipped)

    with pytest.raises(pickle.UnpicklingError, match='Weights only load failed'):
        load_checkpoint(Line(), str(path))
    runner = tiny_runner(tmp_path / 'work')
    with pytest.raises(pickle.UnpicklingError, match='Weights only load failed'):
        runner.resume(str(path))
    assert not marker.exists()


@pytest.mark.parametrize(
    'state',
    [
        dict(max_length=1, _log_history=[1], _count_history=[1]),
        dict(max_length=1, _log_history=ARRAY, _count_history=np.ones(1)),
    ],
)
def test_a_history_holds_numbers_only(state):
    with pytest.raises(pickle.UnpicklingError, match='must hold numbers'):
        checkpoints._CheckedHistory.__new__(checkpoints._CheckedHistory).__setstate__(state)


def test_a_history_takes_no_other_attributes():
    array = np.ones(1)
    buffer = checkpoints._CheckedHistory.__new__(checkpoints._CheckedHistory)
    state = dict(max_length=1, _log_history=array, _count_history=array)
    HistoryBuffer()  # The first one registers the statistics.
    methods = dict(HistoryBuffer._statistics_methods)
    buffer.__setstate__(
        {**state, 'mean': print, '__array_interface__': ARRAY, 'statistics_methods': {'x': print}}
    )
    assert type(buffer) is HistoryBuffer
    assert vars(buffer).keys() == state.keys()
    assert HistoryBuffer._statistics_methods == methods


def test_a_dtype_ignores_the_state_of_a_pickle():
    dtype = checkpoints._number_dtype('f8', False, True)
    dtype.__setstate__((3, '>', None, ('a',), {'a': (np.dtype('O'), 0)}, 8, 8, 63))
    assert dtype == np.float64
    assert dtype.fields is None
    assert not dtype.hasobject


def test_older_torch_is_left_alone(monkeypatch):
    monkeypatch.setattr(torch, '__version__', '2.5.1+cu121')
    monkeypatch.delattr(torch.serialization, 'add_safe_globals')
    compat.allow_mmengine_checkpoints()


# Two processes on a CPU ------------------------------------------------------------------------


def test_two_processes_on_a_cpu(tmp_path):
    script = str(ROOT / 'tests' / 'helpers' / 'tiny_runner.py')
    launch = ('-m', 'torch.distributed.run', '--standalone', '--nproc-per-node=2')
    result = run(*launch, script, str(tmp_path), CUDA_VISIBLE_DEVICES='', OMP_NUM_THREADS='1')
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
    result = run('-c', code, CUDA_VISIBLE_DEVICES='', **launched)
    assert result.stdout.splitlines() == ['while it runs: True', 'at the end: 0'], result.stderr


def test_no_group_without_torchrun_or_with_a_gpu(monkeypatch):
    monkeypatch.setattr(
        torch.distributed, 'init_process_group', lambda *a, **k: pytest.fail('started a group')
    )
    monkeypatch.delenv('RANK', raising=False)
    compat.init_gloo_without_gpu()
    for name in ('RANK', 'LOCAL_RANK', 'WORLD_SIZE'):
        monkeypatch.setenv(name, '1')
    monkeypatch.setattr(distributed, 'get_device', lambda: 'cuda')
    compat.init_gloo_without_gpu()


def test_the_launcher_is_left_alone_with_a_gpu(monkeypatch):
    original = object()
    monkeypatch.setattr(distributed, 'get_device', lambda: 'cuda')
    monkeypatch.setattr(distributed.dist_utils, '_init_dist_pytorch', original)
    compat.launch_without_gpu()
    assert distributed.dist_utils._init_dist_pytorch is original
