"""MMAction2's assertion of mmcv < 2.2 with the OneDL fork's mmcv."""

import sys

from .distributions import installed_version, is_tried_mmcv

#: A version of mmcv that MMAction2 1.2 accepts.
_TAKEN = '2.1.0'


def pass_mmcv_limit() -> None:
    """Import MMAction2, which asserts mmcv < 2.2, with a tested version of onedl-mmcv.

    ``mmcv.__version__`` is changed while the package ``mmaction`` is imported, and restored
    afterwards. With any other distribution or version nothing is done.
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
