"""Checkpoints of other layouts, served as a URL scheme to ``load_from`` and ``init_cfg``."""

from .checks import CheckpointError, check_checkpoint, check_checkpoint_file, state_dict_of
from .class_order import reorder_classes
from .convert import convert, recognize, rename
from .layouts import LAYOUTS, PUBLISHED, Layout
from .schemes import SCHEME, load_from_motionsqueeze, read

__all__ = [
    'LAYOUTS',
    'PUBLISHED',
    'SCHEME',
    'CheckpointError',
    'Layout',
    'check_checkpoint',
    'check_checkpoint_file',
    'convert',
    'load_from_motionsqueeze',
    'read',
    'recognize',
    'rename',
    'reorder_classes',
    'state_dict_of',
]
