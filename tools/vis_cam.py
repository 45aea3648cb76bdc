"""Draw class activation over a video: ``python -m msnet_mmaction cam``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('cam'))
