"""What the API pages leave out."""

from typing import Any

from sphinx.application import Sphinx


def skip_tuple_fields(
    app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any
) -> bool | None:
    """Skip the fields of named tuples: their class describes them, with shapes and units."""
    return True if (getattr(obj, '__doc__', '') or '').startswith('Alias for field') else None


def show_public_bases(app: Sphinx, name: str, obj: Any, options: Any, bases: list) -> None:
    """Show the bases of a private base class in its place."""
    bases[:] = [
        public
        for base in bases
        for public in (base.__bases__ if base.__name__.startswith('_') else (base,))
    ]


def setup(app: Sphinx) -> dict:
    """Connect the handlers."""
    app.connect('autodoc-skip-member', skip_tuple_fields)
    app.connect('autodoc-process-bases', show_public_bases)
    return {'parallel_read_safe': True}
