"""The matching in FLOPs counters."""

import torch
from mmengine.analysis import get_model_complexity_info
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from msnet_mmaction.ops import match

N, C, H, W, K = 3, 8, 9, 10, 2
MACS = N * H * W * C * (2 * K + 1) ** 2


class Matching(nn.Module):
    def forward(self, clip):
        return match(clip[:-1], clip[1:], max_displacement=K).displacement


def test_mmengine_counts_multiply_adds():
    info = get_model_complexity_info(
        Matching(), inputs=(torch.randn(N + 1, C, H, W),), show_table=False, show_arch=False
    )
    assert info['flops'] == MACS


def test_torch_counts_two_for_each():
    clip = torch.randn(N + 1, C, H, W, requires_grad=True)
    with FlopCounterMode(display=False) as counter:
        found = Matching()(clip)
        assert counter.get_total_flops() == 2 * MACS
        found.sum().backward()
    assert counter.get_total_flops() == 3 * 2 * MACS
