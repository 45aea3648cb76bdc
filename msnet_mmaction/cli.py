"""Running the scripts that mmaction2's wheel installs, so that none of them is copied."""

import runpy
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
