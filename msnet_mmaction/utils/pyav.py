"""PyAV, imported so that it works beside decord."""

import os
import sys
from types import ModuleType


def import_av() -> ModuleType:
    """Import PyAV, also where decord has been imported before.

    decord opens its own, older libraries of FFmpeg to the whole process, where PyAV would find
    them before its newer ones: its VP9 encoder, for one, then fails with "ABI version mismatch".
    Deep binding lets it look into its own libraries first.

    Raises:
        ImportError: If PyAV is not installed.
    """
    flags = sys.getdlopenflags() if hasattr(sys, 'getdlopenflags') else None
    if flags is not None:
        sys.setdlopenflags(flags | getattr(os, 'RTLD_DEEPBIND', 0))
    try:
        import av
    except ImportError as error:
        raise ImportError('videos are read and written by PyAV: pip install av') from error
    finally:
        if flags is not None:
            sys.setdlopenflags(flags)
    return av
