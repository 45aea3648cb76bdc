r"""Every table and figure of the paper: published figures beside what is measured here.

List all rows with their configs, or the figures of some of them::

    python tools/reproduce.py --list
    python tools/reproduce.py table3 'table1/MSNet-R50, 8 frames'

Count the FLOPs and parameters of every row, read the accuracies in ``work_dirs``, and write
Markdown, CSV and the plots of Figures 4 and 5::

    python tools/reproduce.py --out report
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from msnet_mmaction.commands.reproduce.cli import main

if __name__ == '__main__':
    sys.exit(main(__doc__))
