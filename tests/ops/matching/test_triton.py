"""The Triton kernels without a GPU: right in the interpreter, compiled for one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip('triton')

ROOT = Path(__file__).parents[3]


def run_worker(name, **environment):
    path = os.pathsep.join([str(ROOT), os.environ.get('PYTHONPATH', '')])
    process = subprocess.run(
        [sys.executable, str(ROOT / 'tests' / 'helpers' / name)],
        env={**os.environ, 'PYTHONPATH': path, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.returncode == 0, process.stderr[-4000:]


def test_interpreted_kernels_agree_with_reference():
    run_worker('triton_worker.py', TRITON_INTERPRET='1')


def test_kernels_compile_for_a_gpu(tmp_path):
    run_worker('triton_compiler.py', TRITON_INTERPRET='0', TRITON_CACHE_DIR=str(tmp_path))
