"""Train, test and show a small network on generated videos: ``python -m msnet_mmaction demo``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('demo'))
