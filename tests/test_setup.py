"""What setup.py tells a package index."""

import re
import runpy
from pathlib import Path

import pytest
import setuptools

ROOT = Path(__file__).parents[1]


@pytest.fixture
def setup_py(monkeypatch):
    """Names of setup.py, and the arguments that it calls ``setup`` with."""
    arguments = {}
    monkeypatch.setattr(setuptools, 'setup', arguments.update)
    return runpy.run_path(str(ROOT / 'setup.py')), arguments


def targets(text):
    """What links and pictures lead to."""
    return re.findall(r'\]\(([^)]*)\)', text)


def test_the_long_description_has_no_relative_links(setup_py):
    namespace, arguments = setup_py
    readme = (ROOT / 'README.md').read_text()
    relative = [target for target in targets(readme) if not re.match(r'\w+:', target)]
    assert relative
    assert all(re.match(r'\w+:', target) for target in targets(arguments['long_description']))

    text = namespace['read_long_description']('https://example.org/repository')
    assert len(targets(text)) == len(targets(readme))
    pictures = set(re.findall(r'!\[[^]]*\]\(([^)]*)\)', readme))
    for target in relative:
        kind = 'raw' if target in pictures else 'blob'
        assert f'](https://example.org/repository/{kind}/main/{target})' in text


def test_the_version_is_that_of_the_package(setup_py):
    import msnet_mmaction

    assert setup_py[1]['version'] == msnet_mmaction.__version__
