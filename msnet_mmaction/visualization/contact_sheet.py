"""Clips below each other in one picture."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

_LINE, _MARGIN = 18, 4  # pixels
_BLACK, _GREY = (0, 0, 0), (110, 110, 110)


class Strip(NamedTuple):
    """One clip of a contact sheet."""

    #: uint8 RGB (T, H, W, 3).
    frames: np.ndarray
    #: Line above the clip.
    title: str
    #: Line below each frame.
    captions: Sequence[str]


def contact_sheet(strips: Sequence[Strip], columns: int) -> np.ndarray:
    """Draw clips below each other, each with a title and its frames with their captions.

    Args:
        strips: The clips; their frames may differ in size.
        columns: Number of frames a row; longer clips continue in the next row.

    Returns:
        uint8 RGB (H, W, 3).

    Raises:
        ValueError: If there is no clip, or a clip has not one caption for each frame.
    """
    if not strips:
        raise ValueError('there is no clip to draw')
    blocks = [block for strip in strips for block in _draw(strip, columns)]
    width = max(block.shape[1] for block in blocks)
    return np.concatenate([_widened(block, width) for block in blocks])


def _draw(strip: Strip, columns: int) -> list[np.ndarray]:
    count, height, width = strip.frames.shape[:3]
    if len(strip.captions) != count:
        raise ValueError(f'{count} frames and {len(strip.captions)} captions')
    row_width = columns * (width + _MARGIN)
    blocks = [_text(strip.title, row_width, _BLACK)]
    for start in range(0, count, columns):
        row = np.full((height + _LINE, row_width, 3), 255, np.uint8)
        for i in range(start, min(start + columns, count)):
            left = (i - start) * (width + _MARGIN)
            row[:height, left : left + width] = strip.frames[i]
            row[height:, left : left + width] = _text(strip.captions[i], width, _GREY)
        blocks.append(row)
    return blocks


def _text(text: str, width: int, color: tuple[int, int, int]) -> np.ndarray:
    """A line of text; if it is too long, its end is replaced by two dots."""
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, 0.42

    def fits(line: str) -> bool:
        return cv2.getTextSize(line, font, scale, 1)[0][0] + 2 * _MARGIN <= width

    line = text
    while line and not fits(line):
        line = f'{line.removesuffix("..")[:-1]}..' if len(line) > 3 else ''
    image = np.full((_LINE, width, 3), 255, np.uint8)
    cv2.putText(image, line, (_MARGIN, _LINE - 5), font, scale, color, 1, cv2.LINE_AA)
    return image


def _widened(block: np.ndarray, width: int) -> np.ndarray:
    return np.pad(block, ((0, 0), (0, width - block.shape[1]), (0, 0)), constant_values=255)
