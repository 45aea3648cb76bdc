"""Write the frames of a split into one file: ``python -m msnet_mmaction cache``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('cache'))
