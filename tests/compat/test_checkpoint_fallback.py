"""onedl-mmengine's loader. That the whole of it is mended is run on the real one by
``tools/dev/matrix.py``; mmengine, which the tests run on, has no such function.
"""

import os
import pickle

import pytest
import torch
from mmengine.runner import checkpoint

from msnet_mmaction.compat import checkpoint_fallback


class Touch:
    """Pickles as a command that leaves a file."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return os.system, (f'touch "{self.path}"',)


def load_twice(file, map_location=None, weights_only=None):
    """As onedl-mmengine does."""
    try:
        return torch.load(file, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError:
        return torch.load(file, map_location=map_location, weights_only=False)


@pytest.fixture
def onedl(monkeypatch):
    monkeypatch.setattr(checkpoint, '_safe_torch_load', load_twice, raising=False)


@pytest.mark.usefixtures('onedl')
def test_what_torch_refuses_is_not_read_again(tmp_path):
    path, marker = tmp_path / 'evil.pth', tmp_path / 'marker'
    torch.save(dict(state_dict={}, meta=Touch(marker)), path)
    checkpoint_fallback.refuse_unsafe_checkpoints()
    with pytest.raises(pickle.UnpicklingError, match='Weights only load failed'):
        checkpoint._safe_torch_load(str(path), map_location='cpu')
    assert not marker.exists()
    # The pickle is one that runs: what the fallback would have done.
    load_twice(str(path))
    assert marker.exists()


@pytest.mark.usefixtures('onedl')
def test_weights_are_read_and_a_caller_may_still_choose(tmp_path):
    path = tmp_path / 'weights.pth'
    torch.save(dict(weight=torch.ones(2), odd=object), path)
    checkpoint_fallback.refuse_unsafe_checkpoints()
    loaded = checkpoint._safe_torch_load(path, 'cpu', weights_only=False)
    assert loaded['weight'].tolist() == [1, 1]
    torch.save(dict(weight=torch.ones(2)), path)
    with path.open('rb') as file:
        assert checkpoint._safe_torch_load(file)['weight'].tolist() == [1, 1]


def test_mmengine_is_left_alone():
    before = dict(vars(checkpoint))
    before.pop('_safe_torch_load', None)
    checkpoint_fallback.refuse_unsafe_checkpoints()
    after = dict(vars(checkpoint))
    after.pop('_safe_torch_load', None)
    assert after == before
