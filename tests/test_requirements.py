"""What pip is told to install beside the package."""

import importlib

import setuptools  # noqa: F401  (provides distutils where Python has none)

from msnet_mmaction.compat import distributions
from tests.helpers.processes import ROOT


def metadata():
    return importlib.import_module('distutils.core').run_setup(
        str(ROOT / 'setup.py'), stop_after='init'
    )


def name_of(requirement: str) -> str:
    for end in '<>=!~;[ ':
        requirement = requirement.split(end)[0]
    return requirement


OWNERS = {name for owners in distributions._OWNERS.values() for name in owners}


def test_the_package_alone_requires_neither_stack():
    """pip would lay it over the other one."""
    names = {name_of(requirement) for requirement in metadata().install_requires}
    assert 'mmaction2' in names
    assert not names & OWNERS


def test_each_extra_of_a_stack_names_one_of_each():
    extras = metadata().extras_require
    for extra in ('lite', 'full', 'onedl'):
        names = {name_of(requirement) for requirement in extras[extra]}
        for owners in distributions._OWNERS.values():
            assert len(names & set(owners)) == 1, extra
    # One fork or the other: none of its own with one of theirs.
    assert all(requirement.startswith('onedl-') for requirement in extras['onedl'])


def test_the_fork_is_required_in_the_version_that_was_tried():
    (version,) = distributions.TRIED_MMCV['onedl-mmcv']
    assert f'onedl-mmcv=={version}' in metadata().extras_require['onedl']
