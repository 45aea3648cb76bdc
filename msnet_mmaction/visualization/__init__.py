"""Displacement and confidence as pictures, and clips side by side; needs no model."""

from .contact_sheet import Strip, contact_sheet
from .flow_color import color_wheel, displacement_to_rgb
from .motion_figure import motion_figure

__all__ = ['Strip', 'color_wheel', 'contact_sheet', 'displacement_to_rgb', 'motion_figure']
