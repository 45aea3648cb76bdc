"""Backbones; registered in mmaction2's ``MODELS``."""

from .msnet import LAYER_NAME, MSNet, agreed_frames
from .resnet_tsm import FastResNetTSM

__all__ = ['LAYER_NAME', 'FastResNetTSM', 'MSNet', 'agreed_frames']
