"""Prove and measure the package on this machine's GPU: ``python -m msnet_mmaction gpu``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('gpu'))
