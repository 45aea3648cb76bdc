"""Draw samples as the network sees them: ``python -m msnet_mmaction browse``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('browse'))
