"""Write a trained recogniser as ONNX or torch.export: ``python -m msnet_mmaction export``."""

import sys

from msnet_mmaction.commands.cli import run_command

if __name__ == '__main__':
    sys.exit(run_command('export'))
