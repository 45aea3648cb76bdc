"""Measure speed and memory on this machine: ``python -m msnet_mmaction benchmark``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('benchmark'))
