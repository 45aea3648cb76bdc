"""Description of the machine and the software of a measurement."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from ...version import __version__


def check_device(device: torch.device) -> None:
    """Raise a ValueError if a GPU is requested and there is none."""
    if device.type != 'cuda':
        return
    if not torch.cuda.is_available():
        if torch.version.cuda is None and torch.version.hip is None:
            reason = f'torch {torch.__version__} is built without CUDA, see https://pytorch.org'
        else:
            reason = (
                f'torch {torch.__version__} finds none: does `nvidia-smi` list one, and is '
                'CUDA_VISIBLE_DEVICES unset?'
            )
        raise ValueError(f'there is no GPU: {reason}. Without one: --device cpu')
    if (device.index or 0) >= torch.cuda.device_count():
        raise ValueError(f'there is no {device}: torch finds {torch.cuda.device_count()} GPUs')


def _processor() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.processor() or platform.machine()


def _output(*command: str, cwd: Path | None = None) -> str:
    """The output of a program; empty if it is not installed or fails."""
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ''
    return done.stdout.strip()


def _commit() -> str:
    """The commit of a checkout, and whether it has changes; empty for an installed wheel."""
    root = Path(__file__).resolve().parents[3]
    if not (root / '.git').exists():
        return ''
    changed = _output('git', 'status', '--porcelain', '--untracked-files=no', cwd=root)
    return _output('git', 'rev-parse', 'HEAD', cwd=root) + (' and changes' if changed else '')


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return 'not installed'


def _describe_gpu(device: torch.device) -> dict[str, str | int]:
    gpu = torch.cuda.get_device_properties(device)
    drivers = _output('nvidia-smi', '--query-gpu=driver_version', '--format=csv,noheader')
    return {
        'gpu': gpu.name,
        'gpus': torch.cuda.device_count(),
        'compute capability': f'{gpu.major}.{gpu.minor}',
        'gpu memory': f'{gpu.total_memory / 2**30:.0f} GiB',
        'driver': drivers.partition('\n')[0] or 'unknown',
        'cuda': torch.version.cuda or f'HIP {torch.version.hip}',
        'cudnn': torch.backends.cudnn.version() or 'none',
        'triton': _version_of('triton'),
    }


def describe_machine(device: torch.device) -> dict[str, str | int]:
    """Processor, threads, GPU, versions, and the load of the machine."""
    machine: dict[str, str | int] = {
        'processor': _processor(),
        'cores': os.cpu_count() or 0,
        'threads': torch.get_num_threads(),
        'instructions': torch.backends.cpu.get_cpu_capability(),
        'torch': torch.__version__,
        'python': platform.python_version(),
        'system': platform.platform(),
        'msnet_mmaction': __version__,
    }
    if commit := _commit():
        machine['commit'] = commit
    if hasattr(os, 'getloadavg'):
        machine['load'] = f'{os.getloadavg()[0]:.1f}'
    if device.type == 'cuda':
        machine |= _describe_gpu(device)
    return machine
