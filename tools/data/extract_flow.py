"""Compute the TV-L1 flow of a data set: ``python -m msnet_mmaction flow``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('flow'))
