"""MMAction2 1.2 asserts mmcv < 2.2, which the OneDL fork's mmcv is not."""

import sys

from .distributions import installed_version, is_tried_mmcv

#: A version of mmcv that MMAction2 1.2 takes.
_TAKEN = '2.1.0'


def pass_mmcv_limit() -> None:
    """Import MMAction2 with an onedl-mmcv that was tried, past its assertion of mmcv < 2.2.

    The version that mmcv states is another one while the package ``mmaction`` is imported, and
    the true one again afterwards. With any other distribution or version nothing is done.
    """
    version = installed_version('onedl-mmcv')
    if version is None or not is_tried_mmcv('onedl-mmcv', version) or 'mmaction' in sys.modules:
        return
    import mmcv

    stated = mmcv.__version__
    mmcv.__version__ = _TAKEN
    try:
        import mmaction  # noqa: F401
    finally:
        mmcv.__version__ = stated
