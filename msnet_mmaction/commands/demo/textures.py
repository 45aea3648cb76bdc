"""Textures for the generated clips: photographs of scikit-image, and drawn pictures.

The two splits share no texture.
"""

from functools import cache

import cv2
import numpy as np

#: The splits; their indices are part of the seeds.
SPLITS = ('train', 'val')

#: Names in ``skimage.data``, all in its wheel, without a download.
PHOTOGRAPHS = {
    'train': ('astronaut', 'coffee', 'grass', 'gravel', 'immunohistochemistry'),
    'val': ('camera', 'cat', 'coins', 'hubble_deep_field'),
}

#: Every third texture of a split is a photograph.
PHOTOGRAPH_EVERY = 3

#: Side of a drawn texture, in pixels: a power of two, larger than nearly all views of it.
DRAWN_SIZE = 1024


def texture_id(split: str, index: int) -> str:
    """Name of a split's texture: ``photo:coffee`` or ``drawn:train:4``."""
    turn, rest = divmod(index, PHOTOGRAPH_EVERY)
    if rest == 0:
        return f'photo:{PHOTOGRAPHS[split][turn % len(PHOTOGRAPHS[split])]}'
    return f'drawn:{split}:{index}'


def load_texture(split: str, index: int, seed: int) -> np.ndarray:
    """One of the textures of a split, as uint8 RGB (H, W, 3)."""
    kind, name = texture_id(split, index).split(':', 1)
    if kind == 'photo':
        return _photograph(name)
    return draw_texture(np.random.default_rng([seed, SPLITS.index(split), index]))


def draw_texture(rng: np.random.Generator) -> np.ndarray:
    """Random shapes that cover each other, mixed with cloudy noise: uint8 RGB (H, W, 3).

    A frame must not show its magnification. So the radii r have the density r^-3, with which a
    picture looks alike at every scale, as photographs nearly do. The range of the radii, the
    weights of the noise's octaves and the share of the noise vary much between textures.
    """
    canvas = np.full((DRAWN_SIZE, DRAWN_SIZE, 3), 128, np.uint8)
    smallest, largest = np.exp(rng.uniform(*np.log([2, 12]))), DRAWN_SIZE / 6
    count = int(80000 / smallest**2)
    # The inverse of the distribution function of r^-3 between the two radii.
    spread = 1 - (smallest / largest) ** 2
    radii = smallest / np.sqrt(1 - rng.uniform(0, spread, count))
    centers = rng.uniform(0, DRAWN_SIZE, (count, 2)).tolist()
    axes = (2 * np.stack([radii, radii * rng.uniform(0.4, 1, count)], axis=1)).tolist()
    angles = rng.uniform(0, 360, count).tolist()
    colors = rng.uniform(0, 255, (count, 1)) + rng.normal(0, 40, (count, 3))
    colors = colors.clip(0, 255).tolist()
    boxes = rng.random() < 0.5
    for shape, color in zip(zip(centers, axes, angles, strict=True), colors, strict=True):
        if boxes:
            cv2.fillConvexPoly(canvas, np.rint(cv2.boxPoints(shape)).astype(np.int32), color)
        else:
            cv2.ellipse(canvas, shape, color, -1)
    share = rng.uniform(0.1, 0.9)
    return _equalize((1 - share) * canvas + share * _clouds(rng)[..., None])


def _clouds(rng: np.random.Generator) -> np.ndarray:
    """Noise of random smoothness, standard deviation 75: (H, W)."""
    slope = rng.uniform(-0.4, 0.2)
    noise = np.zeros((DRAWN_SIZE, DRAWN_SIZE), np.float32)
    for octave in range(1, DRAWN_SIZE.bit_length()):
        coarse = rng.standard_normal((2**octave, 2**octave), dtype=np.float32)
        smooth = cv2.resize(coarse, noise.shape, interpolation=cv2.INTER_CUBIC)
        noise += np.exp(slope * octave).astype(np.float32) * smooth
    return noise * (75 / noise.std())


@cache
def _photograph(name: str) -> np.ndarray:
    try:
        from skimage import data
    except ImportError as error:
        raise ImportError(
            'the synthetic clips show photographs of scikit-image: pip install scikit-image'
        ) from error
    photograph = getattr(data, name)()
    if photograph.ndim == 2:
        photograph = np.repeat(photograph[..., None], 3, axis=-1)
    # Sides that can be halved three times, so that the mirrored borders stay where they are.
    height, width = (side // 8 * 8 for side in photograph.shape[:2])
    return _equalize(photograph[:height, :width])


def _equalize(texture: np.ndarray) -> np.ndarray:
    """Normalise mean and contrast of a texture."""
    texture = texture.astype(np.float32)
    texture = 128 + 55 * (texture - texture.mean()) / texture.std()
    return np.rint(texture).clip(0, 255).astype(np.uint8)
