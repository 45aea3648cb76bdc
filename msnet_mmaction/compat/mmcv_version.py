"""MMAction2 asserts mmcv < 2.2, and mmcv and mmcv-lite overwrite each other."""

import importlib.metadata
import importlib.util

_MMCV_HELP = (
    'MMAction2 1.2 needs one of mmcv and mmcv-lite, 2.0 or 2.1. MotionSqueeze is happy with the '
    'one that needs no compiler: pip install mmcv-lite==2.1.0'
)


def check_mmcv() -> None:
    """MMAction2 asserts mmcv < 2.2, and mmcv and mmcv-lite overwrite each other's files.

    Raises:
        ImportError: If there is no mmcv, more than one, or one of another version.
    """
    found = {}
    for name in ('mmcv', 'mmcv-lite', 'mmcv-full'):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    if not found:
        # Without metadata it may still be there, as a checkout on the path.
        if importlib.util.find_spec('mmcv') is None:
            raise ImportError(f'mmcv is not installed. {_MMCV_HELP}')
        return
    listed = ' and '.join(f'{name} {version}' for name, version in found.items())
    if len(found) > 1:
        raise ImportError(
            f'{listed} are installed, and share one import name: uninstall both, then install '
            f'one. {_MMCV_HELP}'
        )
    (version,) = found.values()
    if version.split('.')[:2] not in (['2', '0'], ['2', '1']):
        raise ImportError(f'{listed} does not fit. {_MMCV_HELP}')
