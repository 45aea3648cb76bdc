"""Backbones; registered in mmaction2's ``MODELS``."""

from .inception_i3d import InceptionI3D
from .mobilenet_v2 import WideStemMobileNetV2
from .msnet import LAYER_NAME, MSNet, resolve_num_segments
from .resnet_tsm import FastResNetTSM

__all__ = [
    'LAYER_NAME',
    'FastResNetTSM',
    'InceptionI3D',
    'MSNet',
    'WideStemMobileNetV2',
    'resolve_num_segments',
]
