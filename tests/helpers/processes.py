"""Python in a process of its own, with this checkout on its path."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_python(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``python ARGUMENTS`` with these variables added to the environment."""
    env = {**os.environ, 'PYTHONPATH': str(ROOT), **env}
    return subprocess.run(
        [sys.executable, *arguments], env=env, capture_output=True, text=True, timeout=300
    )
