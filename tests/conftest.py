import pytest
from mmengine.registry import init_default_scope

import msnet_mmaction  # noqa: F401  (mends the wheels before a test imports mmaction.models)


@pytest.fixture(autouse=True)
def _scope():
    """What a config's ``default_scope`` does; a test that runs a ``Runner`` leaves another."""
    init_default_scope('mmaction')
