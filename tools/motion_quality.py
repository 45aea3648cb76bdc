"""Measure how true the estimated motion is: ``python -m msnet_mmaction motion-quality``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('motion-quality'))
