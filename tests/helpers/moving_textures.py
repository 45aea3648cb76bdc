"""Clips of a texture that moves by so many pixels a frame: their optical flow is known."""

from pathlib import Path

import cv2
import numpy as np

from msnet_mmaction.commands.demo.motion_data import encode


def moving_texture(
    velocity: tuple[int, int], num_frames: int, size: tuple[int, int] = (48, 64), seed: int = 0
) -> np.ndarray:
    """Frames, uint8 RGB (T, H, W, 3), whose content moves by (x, y) pixels a frame."""
    margin = num_frames * max(map(abs, velocity))
    noise = np.random.default_rng(seed).normal(size=(size[0] + 2 * margin, size[1] + 2 * margin, 3))
    texture = cv2.normalize(cv2.GaussianBlur(noise, None, 2.0), None, 0, 255, cv2.NORM_MINMAX)
    frames = []
    for t in range(num_frames):
        x, y = margin - t * velocity[0], margin - t * velocity[1]
        frames.append(texture[y : y + size[0], x : x + size[1]])
    return np.rint(frames).astype(np.uint8)


def write_video(path: Path, *args, **kwargs) -> None:
    """A clip as a video of 12 frames a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(moving_texture(*args, **kwargs), path.suffix[1:]))


def write_frames(folder: Path, *args, **kwargs) -> None:
    """A clip as a folder of frames, 00001.jpg and so on."""
    folder.mkdir(parents=True)
    for index, frame in enumerate(moving_texture(*args, **kwargs), start=1):
        cv2.imwrite(str(folder / f'{index:05}.jpg'), frame[..., ::-1])
