"""MobileNet-V2 with the paper's wide stem (Table 10)."""

from typing import Any

import torch.nn.functional as F
from mmaction.models.backbones.mobilenet_v2 import MobileNetV2
from mmaction.registry import MODELS
from mmcv.cnn import ConvModule


@MODELS.register_module()
class WideStemMobileNetV2(MobileNetV2):
    """mmaction2's ``MobileNetV2`` with the first convolution of Table 10, 7 x 7 instead of 3 x 3.

    The paper's stages are ``conv1``; ``layer1`` and ``layer2``; ``layer3``; ``layer4`` and
    ``layer5``; ``layer6``, ``layer7`` and ``conv2``.

    The paper starts from ImageNet weights; published ones have the 3 x 3 stem. They are loaded into
    the centre of the 7 x 7 kernel, and the rest of it is zero. The outputs then equal those of the
    published network.

    Args:
        stem_kernel_size: Side of the first convolution's kernel; odd.
        **kwargs: Arguments of ``MobileNetV2``.
    """

    conv1: ConvModule

    def __init__(self, stem_kernel_size: int = 7, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        stem = self.conv1
        self.conv1 = ConvModule(
            stem.in_channels,
            stem.out_channels,
            stem_kernel_size,
            stride=stem.stride,
            padding=stem_kernel_size // 2,
            conv_cfg=self.conv_cfg,
            norm_cfg=self.norm_cfg,
            act_cfg=self.act_cfg,
        )

    def train(self, mode: bool = True) -> 'WideStemMobileNetV2':
        """Set the mode and return the module; mmaction2's MobileNetV2 returns None."""
        super().train(mode)
        return self

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args: Any) -> None:
        key = f'{prefix}conv1.conv.weight'
        if key in state_dict:
            border = (self.conv1.kernel_size[0] - state_dict[key].shape[-1]) // 2
            state_dict[key] = F.pad(state_dict[key], [max(border, 0)] * 4)
        super()._load_from_state_dict(state_dict, prefix, *args)
