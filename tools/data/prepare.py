"""Check a downloaded data set and write its lists: ``python -m msnet_mmaction prepare``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('prepare'))
