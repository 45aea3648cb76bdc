"""List the configs of the package, or tell the path of one.

Examples::

    python -m msnet_mmaction configs
    python -m msnet_mmaction configs msnet_r50_sthv1
"""

import argparse
from fnmatch import fnmatch

from ...utils.configs import config_path, resource_root

USER_ERRORS = (FileNotFoundError,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        'name', nargs='?', help="a config's name; with a *, all configs of such names are listed"
    )


def run(args: argparse.Namespace) -> None:
    """Print names, or the path of one config."""
    pattern = args.name or '*'
    if '*' not in pattern:
        print(config_path(f'msnet_mmaction::{pattern}'))
        return
    folder = resource_root() / 'configs'
    names = (path.relative_to(folder).with_suffix('').as_posix() for path in folder.rglob('*.py'))
    for name in sorted(names):
        if not name.startswith('_base_/') and fnmatch(name, pattern):
            print(name)
