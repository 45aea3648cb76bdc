"""Features of torch that its older releases lack."""

from contextlib import AbstractContextManager, nullcontext

import torch

#: Whether custom operators can be registered (torch 2.4). Without them, plain torch is used.
HAS_CUSTOM_OPS = hasattr(torch.library, 'custom_op')


def is_exporting() -> bool:
    """Whether torch exports the model, to a program that has no custom operators of ours."""
    exporting = getattr(torch.compiler, 'is_exporting', None)
    return (exporting is not None and exporting()) or torch.onnx.is_in_onnx_export()


def is_compiling() -> bool:
    """Whether torch compiles the model."""
    compiling = getattr(torch.compiler, 'is_compiling', None)
    return compiling is not None and compiling()


def without_autocast(device: torch.device) -> AbstractContextManager:
    """A context without autocast. Devices that have no autocast, such as ``meta``, are fine."""
    available = getattr(torch.amp, 'is_autocast_available', lambda kind: kind in ('cpu', 'cuda'))
    if not available(device.type):
        return nullcontext()
    return torch.autocast(device.type, enabled=False)
