"""``python -m msnet_mmaction COMMAND``."""

import sys

from .commands.cli import main

if __name__ == '__main__':
    sys.exit(main())
