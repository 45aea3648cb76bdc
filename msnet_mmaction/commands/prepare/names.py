"""Names of files and clips: comparing them, and writing them to lists."""

import re
import unicodedata


def key(name: str) -> str:
    """A normal form of names for comparison.

    Letters with accents are one character on some disks and two on others (NFC, NFD), and folders
    of classes have spaces or ``_``.
    """
    return re.sub(r'\s', '_', unicodedata.normalize('NFC', name))


def fits_lists(path: str) -> bool:
    """Whether mmaction2's lists, whose lines are divided at white space, can hold a path."""
    return as_listed(path) == path


def as_listed(path: str) -> str:
    """A path with ``_`` in place of white space and bytes that are not UTF-8, for lists."""
    return re.sub(r'[\s\ud800-\udfff]', '_', path)


def printable(path: str) -> str:
    """A path that can be printed, with escapes for bytes that are not UTF-8."""
    return path.encode('utf-8', 'surrogateescape').decode('utf-8', 'backslashreplace')
