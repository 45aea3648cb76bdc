"""Write the generated videos of the demo: ``python -m msnet_mmaction motion-data``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('motion-data'))
