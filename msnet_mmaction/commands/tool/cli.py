"""Run a script of mmaction2 with this package imported.

Its arguments are mmaction2's own: ``tool NAME --help`` shows them. A config may be named as in
``_base_``: ``msnet_mmaction::msnet_r50_sthv1.py``.

Examples::

    python -m msnet_mmaction tool analysis_tools/get_flops.py msnet_mmaction::msnet_r50_sthv1.py
    python -m msnet_mmaction tool deployment/publish_model.py best.pth published.pth
"""

import argparse
import runpy
import sys
import warnings
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

import mmaction

from ...checkpoints import CheckpointError
from ...datasets import DataError
from ...evaluation.scores import ScoreError
from ...utils.configs import config_path
from .moviepy_editor import provide_moviepy_editor
from .report_accuracy import check_scores

USER_ERRORS = (FileNotFoundError, CheckpointError, DataError, ScoreError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    folder = tools_folder()
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob('*.py'))
    parser.epilog = 'Scripts:\n' + '\n'.join(f'  {name}' for name in names)
    parser.add_argument('name', metavar='NAME', help='its path below tools')
    parser.add_argument(
        'arguments', nargs=argparse.REMAINDER, metavar='...', help='arguments of the script'
    )


def run(args: argparse.Namespace) -> None:
    """Run the script in this process.

    Raises:
        FileNotFoundError: If there is no such script or config.
    """
    folder = tools_folder()
    path = folder / args.name
    if not path.is_file():
        names = [p.relative_to(folder).as_posix() for p in folder.rglob('*.py')]
        close = [n for n in names if Path(n).stem == Path(args.name).stem]
        close = close or get_close_matches(args.name, names, n=3)
        hint = f'; did you mean {" or ".join(close)}?' if close else ''
        raise FileNotFoundError(f'mmaction2 has no script {args.name!r}{hint}')
    provide_moviepy_editor()
    # Not ``key=a::b``, nor an address of IPv6.
    arguments = [
        config_path(argument) if argument.partition('::')[0].isidentifier() else argument
        for argument in args.arguments
    ]
    if args.name in PREPARATIONS:
        PREPARATIONS[args.name](arguments)
    sys.argv = [str(path), *arguments]
    # Some of the scripts import from ``tools``.
    sys.path.append(str(folder.parent))
    runpy.run_path(str(path), run_name='__main__')


def tools_folder() -> Path:
    """The scripts of the installed mmaction2.

    Raises:
        FileNotFoundError: If mmaction2 was installed without them.
    """
    root = Path(mmaction.__file__).parent
    # In a wheel they are in .mim, in a source checkout beside the package.
    for folder in (root / '.mim' / 'tools', root.parent / 'tools'):
        if (folder / 'train.py').is_file():
            return folder
    raise FileNotFoundError(
        f'mmaction2 in {root} came without its tools: install it with pip, or from source'
    )


def _allow_backward_hooks(arguments: list[str]) -> None:
    # vis_cam.py asks for the gradient of a layer's output alone, which such a hook has right.
    warnings.filterwarnings('ignore', message='Using a non-full backward hook')


#: What comes before a script, which gets its arguments.
PREPARATIONS: dict[str, Callable[[list[str]], None]] = {
    'analysis_tools/report_accuracy.py': check_scores,
    'visualizations/vis_cam.py': _allow_backward_hooks,
}
