import importlib
import sys

import mmcv
import pytest

from msnet_mmaction.compat import mmcv_limit


@pytest.fixture
def mmaction_not_imported(monkeypatch):
    """As if ``mmaction`` had not been imported yet."""
    monkeypatch.delitem(sys.modules, 'mmaction')


def have(monkeypatch, distribution: str, version: str) -> None:
    monkeypatch.setattr(mmcv, '__version__', version)
    monkeypatch.setattr(
        mmcv_limit, 'installed_version', lambda name: version if name == distribution else None
    )


@pytest.mark.usefixtures('mmaction_not_imported')
def test_mmaction_is_imported_past_its_assertion(monkeypatch):
    have(monkeypatch, 'onedl-mmcv', '2.3.6')
    with pytest.raises(AssertionError, match=r'MMCV==2\.3\.6 is used but incompatible'):
        importlib.import_module('mmaction')
    mmcv_limit.pass_mmcv_limit()
    assert 'mmaction' in sys.modules
    assert mmcv.__version__ == '2.3.6'


@pytest.mark.usefixtures('mmaction_not_imported')
@pytest.mark.parametrize(
    ('distribution', 'version'),
    [('onedl-mmcv', '2.3.7'), ('onedl-mmcv', '2.3.5'), ('mmcv', '2.3.6'), ('mmcv-lite', '2.2.0')],
)
def test_no_other_version_gets_past_it(monkeypatch, distribution, version):
    have(monkeypatch, distribution, version)
    mmcv_limit.pass_mmcv_limit()
    assert 'mmaction' not in sys.modules
    with pytest.raises(AssertionError, match='is used but incompatible'):
        importlib.import_module('mmaction')


@pytest.mark.usefixtures('mmaction_not_imported')
def test_the_version_is_restored_where_the_import_fails(monkeypatch):
    have(monkeypatch, 'onedl-mmcv', '2.3.6')
    monkeypatch.setitem(sys.modules, 'mmaction.version', None)
    with pytest.raises(ImportError):
        mmcv_limit.pass_mmcv_limit()
    assert mmcv.__version__ == '2.3.6'
