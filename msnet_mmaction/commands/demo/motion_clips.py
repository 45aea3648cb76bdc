"""Clips whose class depends on the motion only: views of a moving texture, true displacements.

Each frame of a clip shows a fixed texture through another affine map (a *view*) from the pixels of
the frame to the texture. Two views give the exact displacement of each pixel. The texture is
mirrored at its borders, endlessly, so that views have no border.

A single frame does not tell the class, because the view of a random frame has the same
distribution in every class:

- the orientation is uniform over the full turn, and the place is uniform over the mirrored texture,
  whether the texture moves, turns or not;
- the magnification of a zooming clip runs through a range, which is the same for ``in`` and
  ``out``; other clips have a random magnification of such a run.

Only the first frame of ``in`` is magnified less than that of ``out``. Therefore the textures look
alike at every scale.
"""

import cv2
import numpy as np

#: Classes in the order of their labels. They name the motion of the content on the screen: ``in``
#: means that it grows (the camera zooms in), ``out`` that it shrinks.
CLASSES = ('left', 'right', 'up', 'down', 'in', 'out', 'clockwise', 'anticlockwise')

#: Size in pixels, length in frames, and frames a second, of every clip.
HEIGHT, WIDTH, NUM_FRAMES, FPS = 96, 128, 16, 12

# Speeds within a quarter of the clip: the distance between two of four frames sampled evenly. With
# frames of 64 x 64 pixels and matching at stride 4, they displace by 1 to 6 positions, where
# zooming and turning count at the frame's border.
SHIFTS = (0.1, 0.28)  # of the frame's width or height
ZOOMS = (0.14, 0.28)  # natural logarithm of the magnification
TURNS = (0.16, 0.42)  # radians

#: Magnification (pixels of the frame for each of the texture) in the middle of the clip.
MAGNIFICATIONS = (0.25, 0.6)

#: The texture is sampled this many times along each side of a pixel, against aliasing.
SUPERSAMPLING = 2

_DIRECTIONS = {'left': (-1, 0), 'right': (1, 0), 'up': (0, -1), 'down': (0, 1)}
_ZOOM_SIGNS = {'in': 1, 'out': -1}
_TURN_SIGNS = {'clockwise': 1, 'anticlockwise': -1}  # y points down


def draw_views(rng: np.random.Generator, motion: str, texture_size: tuple[int, int]) -> np.ndarray:
    """Draw the views of a clip of one class.

    Args:
        rng: Random generator of speed, place, orientation and magnification.
        motion: One of ``CLASSES``.
        texture_size: Height and width of the texture, in pixels.

    Returns:
        (T, 2, 3), float64: each maps a pixel (x, y, 1) of its frame to (x, y) of the texture.
    """
    quarters = (np.arange(NUM_FRAMES) - (NUM_FRAMES - 1) / 2) / (NUM_FRAMES / 4)
    shift = np.zeros((NUM_FRAMES, 2))
    angle = rng.uniform(0, 2 * np.pi) + np.zeros(NUM_FRAMES)
    log_zoom = rng.uniform(*np.log(MAGNIFICATIONS)) + np.zeros(NUM_FRAMES)

    zoom_run = rng.uniform(*ZOOMS) * quarters
    if motion in _ZOOM_SIGNS:
        log_zoom += _ZOOM_SIGNS[motion] * zoom_run
    else:
        log_zoom += rng.choice(zoom_run)
    if motion in _DIRECTIONS:
        step = rng.uniform(*SHIFTS) * np.array(_DIRECTIONS[motion]) * (WIDTH, HEIGHT)
        shift = quarters[:, None] * step
    if motion in _TURN_SIGNS:
        angle += _TURN_SIGNS[motion] * rng.uniform(*TURNS) * quarters

    # The content turns and grows around a point near the middle of the frame.
    pivot = (np.array([WIDTH, HEIGHT]) - 1) / 2 + rng.uniform(-0.1, 0.1, 2) * (WIDTH, HEIGHT)
    place = rng.uniform(0, 2, 2) * texture_size[::-1]
    cos, sin = np.cos(angle), np.sin(angle)
    linear = np.array([[cos, sin], [-sin, cos]]).transpose(2, 0, 1)
    linear = linear * np.exp(-log_zoom)[:, None, None]
    offset = place - np.einsum('tij,tj->ti', linear, pivot + shift)
    return np.concatenate([linear, offset[:, :, None]], axis=2)


def displacement_between(
    view: np.ndarray, next_view: np.ndarray, height: int = HEIGHT, width: int = WIDTH
) -> np.ndarray:
    """Displacement of each pixel from one frame to another.

    Args:
        view: View of the first frame, (2, 3).
        next_view: View of the second frame, (2, 3).
        height: Height of the resized frames; that of the clip if they are not resized.
        width: Width of the resized frames, likewise.

    Returns:
        (2, height, width), float64: x (to the right) then y (down), in pixels of the resized frame.
        Displacements of content that leaves the frame end outside of it.
    """
    # Centres of the resized frame's pixels, in pixels of the clip.
    x = (np.arange(width) + 0.5) * WIDTH / width - 0.5
    y = (np.arange(height) + 0.5) * HEIGHT / height - 0.5
    pixels = np.stack(np.broadcast_arrays(x[None, :], y[:, None]))
    place = np.einsum('ij,jhw->ihw', view[:, :2], pixels) + (view - next_view)[:, 2, None, None]
    moved = np.einsum('ij,jhw->ihw', np.linalg.inv(next_view[:, :2]), place)
    return (moved - pixels) * np.array([width / WIDTH, height / HEIGHT])[:, None, None]


def render(rng: np.random.Generator, texture: np.ndarray, views: np.ndarray) -> np.ndarray:
    """Render a texture through each of the views.

    Args:
        rng: Random generator of contrast, brightness, softness and noise.
        texture: uint8 RGB (H, W, 3).
        views: (T, 2, 3).

    Returns:
        Frames (T, HEIGHT, WIDTH, 3), uint8 RGB.
    """
    contrast, brightness = rng.uniform(0.7, 1.1), rng.uniform(-25, 25)
    softness, grain = rng.uniform(0.4, 1.1), rng.uniform(0.5, 2.5)
    pyramid = [texture]
    while len(pyramid) < 4:
        pyramid.append(cv2.resize(pyramid[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    frames = []
    for view in views:
        # The pyramid level at which two samples are about one pixel of the texture apart.
        step = np.linalg.det(view[:, :2]) ** 0.5 / SUPERSAMPLING
        level = int(np.clip(np.rint(np.log2(step)), 0, len(pyramid) - 1))
        samples_to_pixels = _resizing(1 / SUPERSAMPLING)
        frame = cv2.warpAffine(
            pyramid[level],
            (_resizing(0.5**level) @ _square(view) @ samples_to_pixels)[:2],
            (WIDTH * SUPERSAMPLING, HEIGHT * SUPERSAMPLING),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT,
        )
        frame = cv2.resize(frame, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        # The softness hides how blurred the texture itself is at this magnification.
        frame = cv2.GaussianBlur(frame.astype(np.float32), (0, 0), softness)
        noise = rng.standard_normal((HEIGHT, WIDTH, 1), dtype=np.float32)
        frame = 128 + contrast * (frame - 128) + brightness + grain * noise
        frames.append(np.rint(frame).clip(0, 255).astype(np.uint8))
    return np.stack(frames)


def _resizing(scale: float) -> np.ndarray:
    """Map from the pixels (x, y, 1) of a picture to those of the same picture resized, (3, 3)."""
    shift = (scale - 1) / 2  # the centre of the first pixel is at 0, the corner at -0.5
    return np.array([[scale, 0, shift], [0, scale, shift], [0, 0, 1]])


def _square(view: np.ndarray) -> np.ndarray:
    return np.vstack([view, [0, 0, 1]])
