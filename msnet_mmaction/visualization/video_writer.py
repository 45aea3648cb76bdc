"""Writing films; a film that fails leaves no file."""

import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain

import numpy as np
from PIL import Image

from ..utils.files import atomic_write
from ..utils.pyav import import_av
from .flow_color import color_wheel


def write_mp4(path: str | os.PathLike, frames: Iterable[np.ndarray], fps: float) -> None:
    """Write a film as H.264, 4:2:0, which every player shows.

    Args:
        path: The file.
        frames: uint8 RGB (H, W, 3), all of one size. H.264 needs even sizes: an odd last row or
            column is cut off.
        fps: Frames a second.

    Raises:
        ValueError: If there are no frames.
    """
    av = import_av()
    first, frames = _first_of(frames, path)
    with atomic_write(path) as part, av.open(str(part), 'w') as output:
        stream = output.add_stream('libx264', rate=Fraction(fps).limit_denominator(1001))
        stream.height, stream.width = (side // 2 * 2 for side in first.shape[:2])
        stream.pix_fmt = 'yuv420p'
        stream.options = {'crf': '18'}
        for frame in frames:
            frame = np.ascontiguousarray(frame[: stream.height, : stream.width])
            output.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format='rgb24')))
        output.mux(stream.encode(None))


def write_gif(
    path: str | os.PathLike, frames: Iterable[np.ndarray], fps: float, colors: int = 128
) -> None:
    """Write a GIF that repeats endlessly.

    Args:
        path: The file.
        frames: uint8 RGB (H, W, 3), all of one size.
        fps: Frames a second. The duration of a frame is rounded to hundredths of a second.
        colors: Size of the palette, which all frames share.

    Raises:
        ValueError: If there are no frames.
    """
    images = [Image.fromarray(frame) for frame in _first_of(frames, path)[1]]
    # One palette for all frames, or colours would flicker. It is made of some frames and of the
    # colour wheel in the size of a frame, which has all colours of the field.
    some = [np.asarray(image) for image in images[:: max(len(images) // 3, 1)]]
    wheel = Image.fromarray(color_wheel()).resize(images[0].size)
    palette = Image.fromarray(np.concatenate([*some, np.asarray(wheel)])).quantize(colors)
    # Without dithering, parts that do not change need no bytes.
    pictures = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    with atomic_write(path) as part:
        pictures[0].save(
            part,
            save_all=True,
            append_images=pictures[1:],
            duration=round(100 / fps) * 10,
            loop=0,
            optimize=True,
        )


def _first_of(
    frames: Iterable[np.ndarray], path: str | os.PathLike
) -> tuple[np.ndarray, Iterator[np.ndarray]]:
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        raise ValueError(f'{path}: a film needs a frame')
    return first, chain([first], frames)
