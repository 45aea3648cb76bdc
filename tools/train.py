"""Train a recogniser: mmaction2's train.py and its command line."""

from msnet_mmaction.commands.cli import run_mmaction_tool

if __name__ == '__main__':
    run_mmaction_tool('train.py')
