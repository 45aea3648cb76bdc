import pytest
from mmengine.registry import init_default_scope


@pytest.fixture(autouse=True, scope='session')
def _scope():
    """What a config's ``default_scope`` does."""
    init_default_scope('mmaction')
