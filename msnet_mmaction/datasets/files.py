"""Writing files whole, and the library that reads and writes videos."""

import os
import sys
from pathlib import Path
from types import ModuleType


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    temporary = path.with_name(f'{path.name}.{os.getpid()}.tmp')
    temporary.write_bytes(content)
    os.replace(temporary, path)


def import_av() -> ModuleType:
    """Import PyAV, also where decord has been imported before.

    decord opens its own, older libvpx to the whole process, where PyAV would find it before its
    newer one: its VP9 encoder then fails with "ABI version mismatch". Deep binding lets it look
    into its own libraries first.
    """
    flags = sys.getdlopenflags() if hasattr(sys, 'getdlopenflags') else None
    if flags is not None:
        sys.setdlopenflags(flags | getattr(os, 'RTLD_DEEPBIND', 0))
    try:
        import av
    except ImportError as error:
        raise ImportError('videos are written and checked by PyAV: pip install av') from error
    finally:
        if flags is not None:
            sys.setdlopenflags(flags)
    return av
