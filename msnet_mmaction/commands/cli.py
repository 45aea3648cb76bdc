"""What the command lines share: mmaction2's own scripts, of which none is copied, and errors."""

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import mmaction


def run_mmaction_tool(name: str) -> None:
    """Run a script of mmaction2's ``tools`` with this process's arguments, this package imported.

    Args:
        name: Path of the script below ``tools``, such as ``train.py``.

    Raises:
        FileNotFoundError: If the installation of mmaction2 came without its tools.
    """
    root = Path(mmaction.__file__).parent
    # A wheel holds them in .mim, a source checkout beside the package.
    for folder in (root / '.mim' / 'tools', root.parent / 'tools'):
        if (folder / name).is_file():
            runpy.run_path(str(folder / name), run_name='__main__')
            return
    raise FileNotFoundError(
        f'mmaction2 in {root} came without tools/{name}: install it with pip, or from source'
    )


def exit_status(run: Callable[[], object], *errors: type[Exception]) -> int:
    """Run a tool; errors that a user can put right are told in one line.

    Args:
        run: The tool.
        errors: Those of its errors that are a user's.

    Returns:
        0, or 2 after such an error.
    """
    try:
        run()
    except errors as error:
        print(f'error: {" ".join(str(error).split())}', file=sys.stderr)
        return 2
    return 0
