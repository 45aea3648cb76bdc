"""Import of PyAV together with decord."""

import os
import sys
from types import ModuleType


def import_av() -> ModuleType:
    """Import PyAV so that it works after decord was imported.

    decord loads its own, older libraries of FFmpeg with global symbols. PyAV would use them instead
    of its newer ones; its VP9 encoder then fails with "ABI version mismatch". Deep binding makes
    PyAV use its own libraries.

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
