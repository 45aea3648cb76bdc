r"""Measure the package on this machine.

``operation``: the matching, every backend against the reference, time and memory::

    python -m msnet_mmaction benchmark operation --json operation.json
    python -m msnet_mmaction benchmark operation --backends reference cpu --growth growth.png
    python -m msnet_mmaction benchmark operation --device cuda --backends matrix-product+compile \
        matrix-product mmcv+compile localcorr+compile triton triton+graph

``model``: any configs side by side; the first is what the others are compared with::

    python -m msnet_mmaction benchmark model \
        mmaction::recognition/tsm/tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py \
        configs/msnet_r50_sthv1.py configs/msnet_r50_sthv1.py+optimize --batch 1 8

``loader``: what reads the data, on videos as those of the data sets, beside mmaction2's own::

    python -m msnet_mmaction benchmark loader --data sthv2 k400 --json loader.json

``table2``: the speed column of the paper's Table 2, its own figures beside::

    python -m msnet_mmaction benchmark table2
    python -m msnet_mmaction benchmark table2 --rows TSM 'MSNet-R50, 8 frames' --rounds 3

``sweep``: the kernels of a GPU with other settings than their own::

    python -m msnet_mmaction benchmark sweep
"""

import argparse

from ..reproduce import runtime
from . import loader, model, operation, sweep

USER_ERRORS = (ValueError, OSError)

MEASUREMENTS = {
    'operation': operation,
    'model': model,
    'loader': loader,
    'table2': runtime,
    'sweep': sweep,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    measurements = parser.add_subparsers(dest='measurement', metavar='WHAT', required=True)
    for name, module in MEASUREMENTS.items():
        measurement = measurements.add_parser(
            name, help=(module.__doc__ or '').splitlines()[0], description=module.__doc__
        )
        module.add_arguments(measurement)


def run(args: argparse.Namespace) -> int | None:
    """Measure; the status is 1 if something that was asked for did not run."""
    return MEASUREMENTS[args.measurement].run(args)
