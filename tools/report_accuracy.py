"""Accuracy of fused scores: ``python -m msnet_mmaction report-accuracy``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('report-accuracy'))
