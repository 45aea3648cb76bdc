r"""Measure the package on this machine.

``operation``: the matching, every backend against the reference, time and memory::

    python tools/benchmark.py operation --json operation.json
    python tools/benchmark.py operation --backends reference cpu --growth growth.png

``model``: any configs side by side; the first is what the others are compared with::

    python tools/benchmark.py model \
        mmaction::recognition/tsm/tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py \
        configs/msnet_r50_sthv1.py configs/msnet_r50_sthv1.py+fold --batch 1 8

``loader``: what reads the data, on videos as those of the data sets, beside mmaction2's own::

    python tools/benchmark.py loader --data sthv2 k400 --json loader.json

``table2``: the speed column of the paper's Table 2, its own figures beside::

    python tools/benchmark.py table2
    python tools/benchmark.py table2 --rows TSM 'MSNet-R50, 8 frames' --rounds 3
"""

import argparse

from msnet_mmaction.commands.benchmark import loader, model, operation
from msnet_mmaction.commands.reproduce import runtime

COMMANDS = {'operation': operation, 'model': model, 'loader': loader, 'table2': runtime}


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest='command', required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.__doc__)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    args = parser.parse_args()
    args.run(args)


if __name__ == '__main__':
    main()
