"""Commands in processes of their own, with this checkout on Python's path."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_python(
    *arguments: object, cwd: Path = ROOT, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run ``python ARGUMENTS`` with these variables added to the environment."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, 'PYTHONPATH': str(ROOT), **env},
        capture_output=True,
        text=True,
        timeout=300,
    )


def run(*command: object, cwd: Path = ROOT, fails: bool = False) -> str:
    """Run a command, check whether it fails, and return all that it prints."""
    environment = {
        **os.environ,
        'PATH': f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}',
        'PYTHONPATH': str(ROOT),
        'OMP_NUM_THREADS': '1',
        'PYTHONFAULTHANDLER': '1',
        # Of torchrun: other tests, or programs, may have the default.
        'PORT': str(_free_port()),
    }
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert (done.returncode != 0) == fails, done.stdout[-3000:]
    return done.stdout


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(('localhost', 0))
        return taken.getsockname()[1]
