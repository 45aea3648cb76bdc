"""What is handed from room to room: the field of motion that layers find and pictures show."""

from .motion_field import MotionField

__all__ = ['MotionField']
