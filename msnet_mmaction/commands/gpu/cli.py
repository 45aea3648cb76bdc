"""Prove and measure the package on this machine's GPU, in ten minutes and one report.

The tests of tests/gpu (in a checkout), the benchmarks of the operation, of the networks, of a
training step and of the reading of videos, and a short training of the demo. The report, as
Markdown and JSON, can be committed or pasted into an issue. The status is 1 if a part failed or
ran out of its time, 2 without a GPU.

``--device cpu`` rehearses all of it at tiny sizes: its figures say nothing.

Examples::

    python -m msnet_mmaction gpu
    python -m msnet_mmaction gpu --parts operation-float16 networks-bfloat16 --minutes 3 --sweep
"""

import argparse
from datetime import datetime, timezone
from pathlib import Path

import torch

from ..benchmark.machine import check_device, describe_machine
from .parts import all_parts, chosen_parts
from .report import write_report
from .schedule import Outcome, run_parts

USER_ERRORS = (ValueError, OSError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('--device', choices=['cuda', 'cpu'], default='cuda')
    parser.add_argument(
        '--out', type=Path, default=Path('work_dirs/gpu'), help='folder of all files'
    )
    parser.add_argument('--minutes', type=float, default=9.5, help='for all; default: %(default)s')
    parser.add_argument(
        '--parts', nargs='+', metavar='PART', help='run these alone; a wrong name lists them'
    )
    parser.add_argument(
        '--sweep', action='store_true', help="besides, try other settings of the kernels' blocks"
    )


def run(args: argparse.Namespace) -> int:
    """Run the parts and write the report, after each of them."""
    device = torch.device(args.device)
    check_device(device)
    if args.minutes <= 0:
        raise ValueError(f'--minutes must be positive, not {args.minutes}')
    folder = args.out.resolve()
    parts = chosen_parts(all_parts(device, folder), args.parts, args.sweep)
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        # A part that ends early must not show what an earlier run left.
        if part.results:
            part.results.unlink(missing_ok=True)
    machine = describe_machine(device)
    print('\n'.join(f'{key}: {value}' for key, value in machine.items()), flush=True)

    date = datetime.now(timezone.utc).isoformat(timespec='minutes')
    rehearsal = device.type != 'cuda'
    outcomes: list[Outcome] = []
    # Nor must the report be an earlier one.
    write_report(folder, machine, outcomes, date, rehearsal)
    for outcome in run_parts(parts, 60 * args.minutes, folder):
        outcomes.append(outcome)
        write_report(folder, machine, outcomes, date, rehearsal)
    print(f'\nThe report: {folder / "report.md"} and report.json')
    return int(any(outcome.status in ('failed', 'out of time') for outcome in outcomes))
