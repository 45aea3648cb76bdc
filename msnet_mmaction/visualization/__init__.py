"""Pictures and films of motion fields, and contact sheets of clips; needs no model."""

from .contact_sheet import Strip, contact_sheet
from .fields import round_scale
from .film import OVERLAYS, motion_film
from .flow_color import color_wheel, displacement_to_rgb
from .motion_figure import figure_to_rgb, motion_figure
from .score_figure import score_figure
from .video_writer import write_gif, write_mp4

__all__ = [
    'OVERLAYS',
    'Strip',
    'color_wheel',
    'contact_sheet',
    'displacement_to_rgb',
    'figure_to_rgb',
    'motion_figure',
    'motion_film',
    'round_scale',
    'score_figure',
    'write_gif',
    'write_mp4',
]
