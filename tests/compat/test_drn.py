import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from msnet_mmaction.compat import drn

DRN = 'mmaction.models.localizers.drn'


def mmaction_in(monkeypatch, folder: Path) -> None:
    for name in (DRN, f'{DRN}.drn'):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (folder / 'models' / 'localizers').mkdir(parents=True)
    spec = SimpleNamespace(submodule_search_locations=[str(folder)])
    monkeypatch.setattr(drn.importlib.util, 'find_spec', lambda name: spec)


def test_drn_is_provided_where_it_is_missing(monkeypatch, tmp_path):
    mmaction_in(monkeypatch, tmp_path)
    drn.provide_drn()
    for name in (DRN, f'{DRN}.drn'):
        with pytest.raises(NotImplementedError, match='2714'):
            sys.modules.pop(name).DRN(voc_size=1)


def test_drn_is_left_alone_where_it_is(monkeypatch, tmp_path):
    mmaction_in(monkeypatch, tmp_path)
    (tmp_path / 'models' / 'localizers' / 'drn').mkdir()
    drn.provide_drn()
    assert DRN not in sys.modules
