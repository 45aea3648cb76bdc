"""README.md and the pages of docs/: links lead somewhere, examples run, names exist."""

import importlib
import re
import runpy
from pathlib import Path

import pytest
from mmaction.registry import MODELS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / 'docs'
PAGES = [
    ROOT / 'README.md',
    ROOT / 'CONTRIBUTING.md',
    *sorted(path for path in DOCS.rglob('*.md') if '_build' not in path.parts),
]
#: Pages whose examples run, one after the other.
RUNNABLE = ['README.md', 'docs/backbones.md', *(f'docs/tutorials/{name}.md' for name in (
    'plug_into_a_backbone', 'write_a_layer', 'deploy'
))]  # fmt: skip
#: Of a config, or with the name of a file that a reader has to put in.
NO_EXAMPLE = ('_base_', 'custom_hooks', "'CHECKPOINT'", 'sys.argv', "'timm.")


def name(page):
    return page.relative_to(ROOT).as_posix()


def python_blocks(page):
    return re.findall(r'```python\n(.*?)```', (ROOT / page).read_text(), re.S)


def test_the_readme_is_a_page():
    assert len((ROOT / 'README.md').read_text().splitlines()) <= 120


@pytest.mark.parametrize('page', PAGES, ids=name)
def test_links(page):
    text = page.read_text()
    local = [t for t in re.findall(r'\]\(([^)\s]+)\)', text) if '://' not in t and t[0] != '#']
    missing = [t for t in local if not (page.parent / t.split('#')[0]).exists()]
    assert not missing


@pytest.mark.parametrize('page', PAGES, ids=name)
def test_paths_and_modules_that_are_named(page):
    text = page.read_text()
    paths = set(re.findall(r'(?<![\w/.])((?:configs|docs|tests)/[\w/]+\.\w+)', text))
    # Those of MMAction2 have the same folder's name, but are not run so.
    paths |= set(re.findall(r'^(?:python )?(tools/[\w/]+\.\w+)', text, re.M))
    assert not [path for path in paths if not (ROOT / path).exists()]
    for dotted in set(re.findall(r'msnet_mmaction(?:\.\w+)+(?!\w|::|/)', text)):
        if dotted.endswith('.py'):
            continue
        module, _, attribute = dotted.rpartition('.')
        try:
            importlib.import_module(dotted)
        except ModuleNotFoundError:
            assert hasattr(importlib.import_module(module), attribute), dotted


def test_every_page_is_in_the_table_of_contents():
    listed = set()
    for index in (DOCS / 'index.md', DOCS / 'api' / 'index.md'):
        for tree in re.findall(r'```{toctree}\n(.*?)```', index.read_text(), re.S):
            entries = [line for line in tree.split('\n') if line and line[0] != ':']
            listed |= {(index.parent / entry).relative_to(DOCS).as_posix() for entry in entries}
    pages = [page for page in [*PAGES, DOCS / 'demo.ipynb'] if page.is_relative_to(DOCS)]
    assert {page.relative_to(DOCS).with_suffix('').as_posix() for page in pages} == {
        *listed, 'index'
    }  # fmt: skip


def test_the_zoo_shows_every_table():
    zoo = runpy.run_path(str(DOCS / '_ext' / 'model_zoo.py'))['tables'](ROOT)
    shown = re.findall(r'{{ (\w+) }}', (DOCS / 'model_zoo.md').read_text())
    assert sorted(shown) == sorted(zoo)
    (row,) = [line for line in zoo['zoo_table3'].split('\n') if '[ks_cm](' in line]
    assert row == (
        '| [ks_cm](../configs/ablations/table3/ks_cm.py) | FastResNetTSM-18 | 40 | 14.76 | 11.29 '
        '| 45.5 / 76.5 |'
    )


@pytest.fixture
def fresh_models():
    """What an example registers is taken out again."""
    before = dict(MODELS.module_dict)
    yield
    for new in set(MODELS.module_dict) - set(before):
        del MODELS._module_dict[new]


@pytest.mark.parametrize('page', RUNNABLE)
@pytest.mark.filterwarnings('ignore:Constant folding', 'ignore::DeprecationWarning')
@pytest.mark.filterwarnings('ignore::torch.jit.TracerWarning')
def test_examples(page, capsys, fresh_models, tmp_path, monkeypatch):
    """They run, and print what the comment behind a print says."""
    monkeypatch.chdir(tmp_path)
    blocks = [block for block in python_blocks(page) if not any(x in block for x in NO_EXAMPLE)]
    assert blocks
    namespace = {}
    for block in blocks:
        exec(block, namespace)
        printed = re.sub(r'torch.Size\(\[(.*)\]\)', r'(\1)', capsys.readouterr().out)
        for expected in re.findall(r'print\(.*\)  # (?:.*: )?(.*)', block):
            assert expected in printed
