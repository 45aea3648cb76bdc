"""Each room of the package imports those before it alone."""

import ast
from pathlib import Path

import pytest

import msnet_mmaction

PACKAGE = Path(msnet_mmaction.__file__).parent
#: As README.md shows them.
ROOMS = (
    'version',
    'compat',
    'utils',
    'structures',
    'ops',
    'datasets',
    'models',
    'checkpoints',
    'evaluation',
    'visualization',
    'apis',
    'engine',
    'commands',
)
FILES = [
    path.relative_to(PACKAGE)
    for path in sorted(PACKAGE.rglob('*.py'))
    if '.mim' not in path.parts and path.parent != PACKAGE
]


def imported_rooms(file):
    """The rooms that a file imports, wherever in it."""
    package = ['msnet_mmaction', *file.parent.parts]
    for node in ast.walk(ast.parse((PACKAGE / file).read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = '.'.join([*base, *(node.module or '').split('.')]).rstrip('.')
            names = [f'{module}.{alias.name}' for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith('msnet_mmaction.'):
                yield name.split('.')[1]


def test_all_rooms_are_known():
    assert {file.parts[0] for file in FILES} <= set(ROOMS)


@pytest.mark.parametrize('file', FILES, ids=str)
def test_a_room_imports_those_before_it(file):
    own = ROOMS.index(file.parts[0])
    later = {room for room in imported_rooms(file) if room in ROOMS[own + 1 :]}
    assert not later
