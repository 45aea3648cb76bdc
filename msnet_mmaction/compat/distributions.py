"""Checks of the installed distributions of ``mmengine`` and ``mmcv``."""

import importlib.metadata
import importlib.util

#: The distributions that own the import name ``mmcv``, and the versions of them that were tried
#: with MMAction2 1.2 (docs/installation.md).
TRIED_MMCV = {
    'mmcv': ('2.0', '2.1'),
    'mmcv-lite': ('2.0', '2.1'),
    'onedl-mmcv': ('2.3.6',),
    'mmcv-full': (),
}
_OWNERS = {
    'mmengine': ('mmengine', 'mmengine-lite', 'onedl-mmengine'),
    'mmcv': tuple(TRIED_MMCV),
}
_HELP = (
    'Install one of the two stacks that MMAction2 1.2 was tried with. OpenMMLab: '
    'pip install "mmengine>=0.10,<0.11" mmcv-lite==2.1.0 (no compiler needed; MotionSqueeze needs '
    'no more). The OneDL fork: pip install onedl-mmengine==0.10.12 onedl-mmcv==2.3.6'
)


def check_distributions() -> None:
    """Check that ``mmengine`` and ``mmcv`` are there, from one distribution each.

    Several distributions have the same files: mmengine and onedl-mmengine; mmcv, mmcv-lite and
    onedl-mmcv. pip lets them overwrite each other, which gives a mixture of both.

    Raises:
        ImportError: If one is missing, installed twice, or if mmcv is of another version.
    """
    for package, owners in _OWNERS.items():
        found = {name: version for name in owners if (version := installed_version(name))}
        if not found and importlib.util.find_spec(package) is None:
            raise ImportError(f'{package} is not installed. {_HELP}')
        # Without metadata it is a checkout on the path, whose version is not known.
        if len(found) > 1:
            listed = ' and '.join(f'{name} {version}' for name, version in found.items())
            raise ImportError(
                f'{listed} are installed, and overwrite each other: both own the import name '
                f'{package}. Remove them all: pip uninstall {" ".join(found)}. {_HELP}'
            )
        if package == 'mmcv':
            for name, version in found.items():
                if not is_tried_mmcv(name, version):
                    raise ImportError(f'{name} {version} does not fit. {_HELP}')


def is_tried_mmcv(name: str, version: str) -> bool:
    """Whether this version of a distribution of mmcv was tried with MMAction2 1.2."""
    return any(f'{version}.'.startswith(f'{tried}.') for tried in TRIED_MMCV[name])


def installed_version(name: str) -> str | None:
    """The version of an installed distribution; None if it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
