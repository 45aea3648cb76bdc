"""Open a local web page: a video in; classes, scores over time and a film of the motion out.

Examples::

    python -m msnet_mmaction app CONFIG CHECKPOINT
    python -m msnet_mmaction app CONFIG CHECKPOINT --compare CONFIG CHECKPOINT

The page is Gradio's: pip install 'msnet_mmaction[app]'. It is served to this machine alone, asks
no other machine for anything, and removes what is uploaded.
"""

import argparse
import os
import socket
from importlib.metadata import PackageNotFoundError, version

from mmengine.utils import digit_version

from .limits import Limits
from .networks import open_network
from .page_files import PageFiles, ended_by_exceptions

#: The oldest Gradio that was tried, as in setup.py.
GRADIO = '6.31'
USER_ERRORS = (ValueError, OSError, ImportError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    limits = Limits()
    parser.add_argument('config', help='a file, or a name as msnet_mmaction::msnet_r50_sthv1.py')
    parser.add_argument('checkpoint')
    parser.add_argument(
        '--compare',
        nargs=2,
        metavar=('CONFIG', 'CHECKPOINT'),
        help='another network, shown beside the first',
    )
    parser.add_argument(
        '--label-map',
        help='file with the name of a class a line, for both networks; default: the names that '
        'the config knows, or numbers',
    )
    parser.add_argument('--device', help='default: a GPU if there is one')
    parser.add_argument('--host', default='127.0.0.1', help='default: 127.0.0.1, this machine')
    parser.add_argument('--port', type=int, default=7860, help='default: 7860; 0: any free one')
    parser.add_argument(
        '--max-megabytes',
        type=float,
        default=limits.megabytes,
        help=f'size of an upload; default: {limits.megabytes:g}',
    )
    parser.add_argument(
        '--max-seconds',
        type=float,
        default=limits.seconds,
        help=f'length of a video; default: {limits.seconds:g}',
    )
    parser.add_argument(
        '--film-frames', type=int, default=48, help='the most frames of a film; default: 48'
    )


def run(args: argparse.Namespace) -> None:
    """Load the networks and serve the page until it is interrupted."""
    for option in ('max_megabytes', 'max_seconds'):
        if not getattr(args, option) > 0:
            raise ValueError(f'--{option.replace("_", "-")} must be positive')
    if args.film_frames < 2:
        raise ValueError('--film-frames must be at least 2')
    check_gradio()
    limits = Limits(args.max_megabytes, args.max_seconds)
    with listen(args.host, args.port) as listening, ended_by_exceptions(), PageFiles() as files:
        pairs = [(args.config, args.checkpoint), *([args.compare] if args.compare else [])]
        networks = [
            open_network(config, checkpoint, args.label_map, args.device)
            for config, checkpoint in pairs
        ]
        # Gradio reads them when it is imported.
        os.environ.update(
            GRADIO_TEMP_DIR=str(files.folder),
            GRADIO_ANALYTICS_ENABLED='False',
            HF_HUB_OFFLINE='1',
            HF_HUB_DISABLE_TELEMETRY='1',
        )
        from .page import build_page
        from .server import serve

        page = build_page(networks, files, limits, args.film_frames)
        print(f'the page: {address_of(listening)} (Ctrl+C ends it)', flush=True)
        serve(page, listening, limits, files)


def check_gradio() -> None:
    """Check that Gradio can be imported, before anything is loaded.

    Raises:
        ImportError: If it is not installed, or too old.
    """
    advice = f"pip install 'gradio>={GRADIO},<7'"
    try:
        found = version('gradio')
    except PackageNotFoundError:
        raise ImportError(f'the page needs Gradio, which is not installed: {advice}') from None
    if digit_version(found) < digit_version(GRADIO):
        raise ImportError(f'the page needs Gradio {GRADIO} or newer, not {found}: {advice}')


def listen(host: str, port: int) -> socket.socket:
    """A socket at an address that no other program has.

    Raises:
        OSError: If it is not free, or not of this machine.
    """
    try:
        return socket.create_server((host, port), family=_family(host))
    except (OSError, OverflowError) as error:
        raise OSError(
            f'cannot listen on {host} port {port} ({getattr(error, "strerror", None) or error}): '
            'give another --port or --host'
        ) from error


def address_of(listening: socket.socket) -> str:
    """The address for a browser."""
    host, port = listening.getsockname()[:2]
    return f'http://[{host}]:{port}/' if ':' in host else f'http://{host}:{port}/'


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ':' in host else socket.AF_INET
