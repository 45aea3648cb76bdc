"""Paths of configs, in a checkout or in ``.mim`` of an installed package."""

from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def resource_root() -> Path:
    """The folder that holds ``configs/``, ``tools/`` and ``model-index.yml``.

    Returns:
        The repository of a checkout or of an editable installation, else ``.mim`` in the
        installed package.

    Raises:
        FileNotFoundError: If the package has no configs.
    """
    # First, because a folder ``configs`` beside an installed package belongs to another package. In
    # an editable installation .mim has links to the repository.
    installed = _PACKAGE / '.mim' / 'configs'
    if installed.is_dir():
        return installed.resolve().parent
    if (_PACKAGE.parent / 'configs' / 'metafile.yml').is_file():
        return _PACKAGE.parent
    raise FileNotFoundError(f'{_PACKAGE} came without its configs: install msnet_mmaction with pip')


def config_path(name: str) -> str:
    """Path of a config by its name, in the format of ``_base_`` in MMEngine's configs.

    Args:
        name: ``msnet_mmaction::msnet_r50_sthv1.py``, or ``PACKAGE::CONFIG`` of another package of
            OpenMMLab. The ending ``.py`` may be left out. A path is returned as it is.

    Returns:
        Path of the file.

    Raises:
        FileNotFoundError: If there is no such package or config.

    Example:
        >>> from mmengine.config import Config
        >>> Config.fromfile(config_path('msnet_mmaction::msnet_r50_sthv1')).model.type
        'MotionRecognizer2D'
    """
    package, separator, config = name.partition('::')
    if not separator:
        return name
    folder = _configs_of(package)
    config = config.removesuffix('.py')
    path = folder / f'{config}.py'
    if not path.is_file():
        known = [p.relative_to(folder).with_suffix('').as_posix() for p in folder.rglob('*.py')]
        close = get_close_matches(config, known, n=3)
        hint = f'; did you mean {" or ".join(close)}?' if close else ''
        raise FileNotFoundError(f'{package} has no config {config!r}{hint}')
    return str(path)


def _configs_of(package: str) -> Path:
    if package == _PACKAGE.name:
        return resource_root() / 'configs'
    spec = find_spec(package) if package.isidentifier() else None
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f'there is no package {package!r} to take a config from')
    return Path(spec.origin).parent / '.mim' / 'configs'
