"""Whether somebody listens to a module: what a hook may have kept must not be overwritten.

Nor what a hook on gradients hands on: torch forbids it.
"""

from torch import nn
from torch.nn.modules import module as torch_module


def has_listeners(module: nn.Module) -> bool:
    """Whether there is a hook on a module, on one below it, or on all modules."""
    everywhere = (
        torch_module._global_forward_hooks
        or torch_module._global_forward_pre_hooks
        or torch_module._global_backward_hooks
        or torch_module._global_backward_pre_hooks
    )
    return bool(everywhere) or any(
        part._forward_hooks
        or part._forward_pre_hooks
        or part._backward_hooks
        or part._backward_pre_hooks
        for part in module.modules()
    )
