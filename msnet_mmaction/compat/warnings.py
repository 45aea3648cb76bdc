"""Filters of warnings that are shown at every start and need no action."""

import functools
import warnings
from typing import Any

from mmengine.fileio import file_client


def silence_import_warnings() -> None:
    """Filter warnings that importing MMEngine and MMAction2 always gives.

    MMEngine uses pkg_resources (open-mmlab/mmcv#3325; our requirements hold setuptools below 81)
    and an old argument of DistributedDataParallel; mmcv-lite lacks an operation that no model here
    uses.
    """
    warnings.filterwarnings(
        'ignore',
        message='pkg_resources is deprecated as an API',
        category=UserWarning,
        # MMEngine also reloads it: then the warning is charged to importlib.
        module=r'mmengine\.utils\.package_utils|importlib$',
    )
    warnings.filterwarnings(
        'ignore',
        message='Fail to import ``MultiScaleDeformableAttention``',
        category=UserWarning,
        module=r'mmcv\.cnn\.bricks\.transformer',
    )
    warnings.filterwarnings(
        'ignore',
        message='`broadcast_buffers` is deprecated',
        category=FutureWarning,
        module=r'mmengine\.model\.wrappers\.distributed',
    )


def silence_file_client() -> None:
    """Filter MMEngine's deprecation of ``FileClient``, by which MMAction2 reads every video.

    The two messages of that module are left out of the log; its other messages are kept.
    """
    original = file_client.print_log
    if hasattr(original, '__wrapped__'):
        return

    @functools.wraps(original)
    def print_log(msg: Any, *args: Any, **kwargs: Any) -> None:
        if 'will be deprecated in future' not in str(msg):
            original(msg, *args, **kwargs)

    file_client.print_log = print_log
