"""Open a local web page that shows what a network finds: ``python -m msnet_mmaction app``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('app'))
