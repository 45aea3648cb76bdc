"""What an older torch lacks, asked for in one place."""

from contextlib import AbstractContextManager, nullcontext

import torch

#: Operators of our own: torch 2.4. Without them, the plain torch forms serve.
HAS_CUSTOM_OPS = hasattr(torch.library, 'custom_op')


def is_exporting() -> bool:
    """Whether torch records the model for another program, which knows no operators of ours."""
    exporting = getattr(torch.compiler, 'is_exporting', None)
    return (exporting is not None and exporting()) or torch.onnx.is_in_onnx_export()


def is_compiling() -> bool:
    """Whether torch records the model to compile it."""
    compiling = getattr(torch.compiler, 'is_compiling', None)
    return compiling is not None and compiling()


def without_autocast(device: torch.device) -> AbstractContextManager:
    """Autocast off, on devices that have it: ``meta``, for one, has not."""
    available = getattr(torch.amp, 'is_autocast_available', lambda kind: kind in ('cpu', 'cuda'))
    if not available(device.type):
        return nullcontext()
    return torch.autocast(device.type, enabled=False)
