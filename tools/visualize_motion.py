"""Draw the motion that a network finds in videos: ``python -m msnet_mmaction visualize``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('visualize'))
