"""Where the tests of a GPU run: on it, or as a rehearsal without one.

``MSNET_GPU_TESTS_DEVICE=cpu`` runs on the CPU what needs no GPU. With ``TRITON_INTERPRET=1``
besides, the matching of the CPU is the Triton backend in Triton's interpreter.
"""

import os

import pytest
import torch

DEVICE = torch.device(os.environ.get('MSNET_GPU_TESTS_DEVICE') or 'cuda')
ON_GPU = DEVICE.type == 'cuda'
INTERPRETED = not ON_GPU and os.environ.get('TRITON_INTERPRET') == '1'

needs_gpu = pytest.mark.skipif(not ON_GPU, reason='no rehearsal without a GPU')


def interpret_kernels() -> None:
    """Give the operator of the matching, on a CPU, the kernels of a GPU."""
    from msnet_mmaction.ops.matching import operator

    operator.match_op.register_kernel('cpu')(operator._match_cuda)
    operator.match_backward_op.register_kernel('cpu')(operator._match_backward_cuda)


def on_device(tensors, device=DEVICE):
    """Leaves on the device, with gradients."""
    return [x.detach().to(device).requires_grad_() for x in tensors]


def on_cpu(tensors):
    return [x.detach().cpu() for x in tensors]
