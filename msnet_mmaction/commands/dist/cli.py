"""Train or test in several processes of this machine: one a GPU, or on the cores without GPUs.

Several machines: set NNODES, NODE_RANK, MASTER_ADDR and PORT on each, as for mmaction2.

Examples::

    python -m msnet_mmaction dist 8 train CONFIG
    python -m msnet_mmaction dist 8 test CONFIG CHECKPOINT
"""

import argparse
import os

from torch.distributed.run import main as torchrun

USER_ERRORS = (ValueError,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument('processes', type=int, metavar='PROCESSES', help='on this machine')
    parser.add_argument('command', choices=['train', 'test', 'tool'], help='what they run')
    parser.add_argument(
        'arguments', nargs=argparse.REMAINDER, metavar='...', help='arguments of the command'
    )


def run(args: argparse.Namespace) -> None:
    """Start the processes and wait for them."""
    if args.processes < 1:
        raise ValueError(f'PROCESSES must be positive, not {args.processes}')
    # Without a limit, each process would start as many threads as there are cores.
    share = str(max(1, (os.cpu_count() or 1) // args.processes))
    threads = os.environ.setdefault('OMP_NUM_THREADS', share)
    os.environ.setdefault('MKL_NUM_THREADS', threads)
    torchrun(
        [
            f'--nnodes={os.environ.get("NNODES", 1)}',
            f'--node_rank={os.environ.get("NODE_RANK", 0)}',
            f'--master_addr={os.environ.get("MASTER_ADDR", "127.0.0.1")}',
            f'--master_port={os.environ.get("PORT", 29500)}',
            f'--nproc_per_node={args.processes}',
            '--module',
            'msnet_mmaction',
            args.command,
            *args.arguments,
            '--launcher',
            'pytorch',
        ]
    )
