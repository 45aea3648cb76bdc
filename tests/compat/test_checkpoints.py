import io
import os
import pickle

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner import load_checkpoint

from msnet_mmaction.compat import checkpoints
from tests.helpers.tiny_runner import Line, tiny_runner


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
    checkpoints.allow_mmengine_checkpoints()
