"""Displacement and confidence as pictures; needs no model."""

from .flow_color import color_wheel, displacement_to_rgb
from .motion_figure import motion_figure

__all__ = ['color_wheel', 'displacement_to_rgb', 'motion_figure']
