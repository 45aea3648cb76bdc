"""Each room of the package imports those before it alone, and modules import in no circle."""

import ast
from graphlib import TopologicalSorter
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


def imported_names(file):
    """What a file imports, wherever in it, with its module: ``msnet_mmaction.ops.match``."""
    package = ['msnet_mmaction', *file.parent.parts]
    for node in ast.walk(ast.parse((PACKAGE / file).read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = '.'.join([*base, *(node.module or '').split('.')]).rstrip('.')
            yield from (f'{module}.{alias.name}' for alias in node.names)


def imported_rooms(file):
    """The rooms that a file imports."""
    for name in imported_names(file):
        if name.startswith('msnet_mmaction.'):
            yield name.split('.')[1]


def module_name(file):
    return '.'.join(['msnet_mmaction', *file.with_suffix('').parts]).removesuffix('.__init__')


def test_all_rooms_are_known():
    assert {file.parts[0] for file in FILES} <= set(ROOMS)


@pytest.mark.parametrize('file', FILES, ids=str)
def test_a_room_imports_those_before_it(file):
    own = ROOMS.index(file.parts[0])
    later = {room for room in imported_rooms(file) if room in ROOMS[own + 1 :]}
    assert not later


def test_modules_import_each_other_in_no_circle():
    modules = {module_name(file): file for file in FILES}
    imports = {}
    for module, file in modules.items():
        found = set()
        for name in imported_names(file):
            # A module, or what is in one.
            found |= {name if name in modules else name.rpartition('.')[0]} & modules.keys()
        imports[module] = found - {module}
    TopologicalSorter(imports).prepare()  # raises a CycleError
