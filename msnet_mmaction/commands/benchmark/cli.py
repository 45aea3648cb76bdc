r"""Measure the package on this machine.

``operation``: time and memory of the matching, every backend compared with the reference::

    python -m msnet_mmaction benchmark operation --json operation.json
    python -m msnet_mmaction benchmark operation --backends reference cpu --growth growth.png
    python -m msnet_mmaction benchmark operation --device cuda --backends matrix-product+compile \
        matrix-product mmcv+compile localcorr+compile triton triton+graph

``model``: any configs side by side, compared with the first one::

    python -m msnet_mmaction benchmark model \
        mmaction::recognition/tsm/tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py \
        configs/msnet_r50_sthv1.py configs/msnet_r50_sthv1.py+optimize --batch 1 8

``loader``: pipelines on videos like those of the data sets, compared with mmaction2's::

    python -m msnet_mmaction benchmark loader --data sthv2 k400 --json loader.json

``table2``: the speed column of the paper's Table 2, beside the published figures::

    python -m msnet_mmaction benchmark table2
    python -m msnet_mmaction benchmark table2 --rows TSM 'MSNet-R50, 8 frames' --rounds 3

``sweep``: the Triton kernels with other settings than the default::

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
    """Measure; the exit status is 1 if a contestant did not run."""
    return MEASUREMENTS[args.measurement].run(args)
