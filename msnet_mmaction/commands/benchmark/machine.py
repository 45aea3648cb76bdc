"""The machine that a measurement was taken on."""

import os
import platform
from pathlib import Path

import torch


def _processor() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.processor() or platform.machine()


def describe_machine(device: torch.device) -> dict[str, str | int]:
    """Processor, threads, versions, and how busy the machine is with other things."""
    machine: dict[str, str | int] = {
        'processor': _processor(),
        'cores': os.cpu_count() or 0,
        'threads': torch.get_num_threads(),
        'instructions': torch.backends.cpu.get_cpu_capability(),
        'torch': torch.__version__,
        'python': platform.python_version(),
        'system': platform.platform(),
    }
    if hasattr(os, 'getloadavg'):
        machine['load'] = f'{os.getloadavg()[0]:.1f}'
    if device.type == 'cuda':
        machine['gpu'] = torch.cuda.get_device_name(device)
    return machine
