"""Displacement and confidence as pictures and films; needs no model."""

from .fields import FieldRow, resize_maps, round_scale
from .files import whole_file, write_gif, write_mp4
from .film import OVERLAYS, motion_film
from .flow_color import color_wheel, displacement_to_rgb
from .motion_figure import figure_to_rgb, motion_figure

__all__ = [
    'OVERLAYS',
    'FieldRow',
    'color_wheel',
    'displacement_to_rgb',
    'figure_to_rgb',
    'motion_figure',
    'motion_film',
    'resize_maps',
    'round_scale',
    'whole_file',
    'write_gif',
    'write_mp4',
]
