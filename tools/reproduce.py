"""The paper's tables: list, run, report: ``python -m msnet_mmaction reproduce``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('reproduce'))
