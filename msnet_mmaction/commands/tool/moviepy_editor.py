"""The part of ``moviepy.editor`` that mmaction2 uses, which moviepy 2 does not have."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np

from ...visualization.video_writer import write_gif, write_mp4


class ImageSequenceClip:
    """A film of frames, under the name and with the methods that mmaction2 uses.

    Args:
        frames: uint8 RGB (H, W, 3), all of one size.
        fps: Frames a second.
    """

    def __init__(self, frames: Sequence[np.ndarray], fps: float) -> None:
        self.frames = frames
        self.fps = fps

    def write_gif(self, filename: str, **unused: Any) -> None:
        """Write a GIF, whole or not at all."""
        write_gif(filename, self.frames, self.fps)

    def write_videofile(self, filename: str, **unused: Any) -> None:
        """Write an mp4, whole or not at all."""
        write_mp4(filename, self.frames, self.fps)


def provide_moviepy_editor() -> None:
    """Make ``from moviepy.editor import ImageSequenceClip`` work without moviepy 1.

    mmaction2's scripts ask the user to install moviepy, and then fail with moviepy 2.
    """
    if 'moviepy.editor' in sys.modules:
        return
    installed = find_spec('moviepy')
    if installed and find_spec('moviepy.editor'):
        return
    editor = ModuleType('moviepy.editor', __doc__)
    vars(editor)['ImageSequenceClip'] = ImageSequenceClip
    if not installed:
        sys.modules['moviepy'] = ModuleType('moviepy')
    sys.modules['moviepy.editor'] = editor
