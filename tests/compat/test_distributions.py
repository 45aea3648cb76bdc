import pytest

from msnet_mmaction.compat import distributions
from msnet_mmaction.compat.distributions import check_distributions
from tests.helpers.processes import run_python


def install(monkeypatch, **versions: str) -> None:
    """Have these distributions and no others; an underscore stands for a dash."""
    found = {name.replace('_', '-'): version for name, version in versions.items()}

    def version(name: str) -> str:
        if name not in found:
            raise distributions.importlib.metadata.PackageNotFoundError(name)
        return found[name]

    monkeypatch.setattr(distributions.importlib.metadata, 'version', version)


@pytest.mark.parametrize(
    'versions',
    [
        dict(mmengine='0.10.7', mmcv='2.0.0'),
        dict(mmengine='0.10.7', mmcv='2.0.0rc4'),
        dict(mmengine='0.10.7', mmcv='2.1.0'),
        dict(mmengine='0.10.7', mmcv_lite='2.1.0'),
        dict(onedl_mmengine='0.10.12', onedl_mmcv='2.3.6'),
    ],
)
def test_stacks_that_fit(monkeypatch, versions):
    install(monkeypatch, **versions)
    check_distributions()


@pytest.mark.parametrize(
    ('versions', 'message'),
    [
        (dict(mmcv='2.2.0'), 'mmcv 2.2.0 does not fit'),
        (dict(mmcv_lite='2.2.0'), 'mmcv-lite 2.2.0 does not fit'),
        (dict(mmcv='2.10.0'), 'mmcv 2.10.0 does not fit'),
        (dict(mmcv_full='1.7.2'), 'mmcv-full 1.7.2 does not fit'),
        (dict(onedl_mmcv='2.3.60'), 'onedl-mmcv 2.3.60 does not fit'),
        (dict(onedl_mmcv='2.3.5'), 'onedl-mmcv 2.3.5 does not fit'),
        (dict(mmcv='2.1.0', mmcv_lite='2.1.0'), 'pip uninstall mmcv mmcv-lite'),
        (dict(mmcv_lite='2.1.0', onedl_mmcv='2.3.6'), 'pip uninstall mmcv-lite onedl-mmcv'),
        (
            dict(mmengine='0.10.7', onedl_mmengine='0.10.12', onedl_mmcv='2.3.6'),
            'mmengine 0.10.7 and onedl-mmengine 0.10.12 are installed, and overwrite each other',
        ),
    ],
)
def test_stacks_that_do_not_fit(monkeypatch, versions, message):
    install(monkeypatch, **versions)
    with pytest.raises(ImportError, match=message) as error:
        check_distributions()
    assert 'mmcv-lite==2.1.0' in str(error.value)
    assert 'onedl-mmengine==0.10.12 onedl-mmcv==2.3.6' in str(error.value)


@pytest.mark.parametrize('package', ['mmengine', 'mmcv'])
def test_a_package_missing_or_on_the_path_only(monkeypatch, package):
    install(monkeypatch)
    check_distributions()  # There is no metadata, but they can be imported.
    find_spec = distributions.importlib.util.find_spec
    monkeypatch.setattr(
        distributions.importlib.util,
        'find_spec',
        lambda name: None if name == package else find_spec(name),
    )
    with pytest.raises(ImportError, match=f'{package} is not installed'):
        check_distributions()


def test_missing_mmengine_is_said_before_anything_imports_it(tmp_path):
    """The package is imported where there is only torch."""
    script = (
        'import sys\n'
        'class Hide:\n'
        '    def find_spec(self, name, path=None, target=None):\n'
        '        if name.split(".")[0] == "mmengine":\n'
        '            raise ModuleNotFoundError(f"No module named {name!r}", name=name)\n'
        'import importlib.metadata, importlib.util\n'
        'version, find_spec = importlib.metadata.version, importlib.util.find_spec\n'
        'def hidden(name):\n'
        '    if "mmengine" in name:\n'
        '        raise importlib.metadata.PackageNotFoundError(name)\n'
        '    return version(name)\n'
        'importlib.metadata.version = hidden\n'
        'importlib.util.find_spec = lambda name: None if name == "mmengine" else find_spec(name)\n'
        'sys.meta_path.insert(0, Hide())\n'
        'import msnet_mmaction\n'
    )
    result = run_python('-c', script)
    assert 'ImportError: mmengine is not installed' in result.stderr
    assert 'onedl-mmengine' in result.stderr
