"""The Triton kernels without a GPU: right in the interpreter, compiled for one."""

import pytest

from tests.helpers.processes import run_python

pytest.importorskip('triton')


def run_worker(name, *arguments, **environment):
    process = run_python('-m', f'tests.helpers.{name}', *arguments, **environment)
    assert process.returncode == 0, process.stderr[-4000:]


def test_interpreted_kernels_agree_with_reference():
    run_worker('triton_worker', TRITON_INTERPRET='1')


# An H100; the oldest that Triton serves, Turing, Ampere, and the newest that Triton 3.9 knows.
@pytest.mark.parametrize(
    'capability', [90, *(pytest.param(c, marks=pytest.mark.slow) for c in (70, 75, 80, 120))]
)
def test_kernels_compile_for_a_gpu(tmp_path, capability):
    environment = dict(TRITON_INTERPRET='0', TRITON_CACHE_DIR=str(tmp_path))
    run_worker('triton_compiler', str(capability), **environment)
