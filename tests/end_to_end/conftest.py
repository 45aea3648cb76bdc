import sys

import pytest

from msnet_mmaction.commands.cli import main


@pytest.fixture
def command(monkeypatch, capfd):
    """Run ``python -m msnet_mmaction`` with these words in this process; return what it prints."""

    def call(*words, status=0):
        monkeypatch.setattr(sys, 'argv', sys.argv)  # as the commands change it
        capfd.readouterr()
        assert main([str(word) for word in words]) == status
        return ''.join(capfd.readouterr())

    return call
