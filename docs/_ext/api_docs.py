"""Which members the API pages leave out."""

from typing import Any

from sphinx.application import Sphinx


def skip_tuple_fields(
    app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any
) -> bool | None:
    """Skip the fields of named tuples: their class describes them, with shapes and units."""
    return True if (getattr(obj, '__doc__', '') or '').startswith('Alias for field') else None


def setup(app: Sphinx) -> dict:
    """Connect the handler."""
    app.connect('autodoc-skip-member', skip_tuple_fields)
    return {'parallel_read_safe': True}
