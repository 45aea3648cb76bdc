"""Test a network: ``python -m msnet_mmaction test``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('test'))
