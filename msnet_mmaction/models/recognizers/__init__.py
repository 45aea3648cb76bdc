"""Recognisers; registered in mmaction2's ``MODELS``."""

from .motion_recognizer2d import MotionRecognizer2D

__all__ = ['MotionRecognizer2D']
