"""Write a checkpoint of another layout as one of MMEngine: ``python -m msnet_mmaction convert``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('convert'))
