"""Displacements as colours, by the colour wheel of Middlebury and most pictures of optical flow.

Baker et al., "A Database and Evaluation Methodology for Optical Flow", IJCV 2011.

The hue is the direction, as seen in the image (x points right, y down): right is red, down yellow,
left cyan to blue, up violet. The saturation is the length: white is no motion, a full colour is
``max_displacement``, and longer displacements are darkened. The scale is an argument, because only
pictures of one scale can be compared.
"""

import numpy as np
from mmcv.visualization.optflow import make_color_wheel

#: Displacements longer than the scale are darkened to this share.
_BEYOND = 0.75


def displacement_to_rgb(displacement: np.ndarray, max_displacement: float) -> np.ndarray:
    """Colour a displacement field.

    Args:
        displacement: (..., 2, H, W), x then y; any unit.
        max_displacement: Length of a full colour, in the same unit.

    Returns:
        uint8 RGB (..., H, W, 3). Black where a displacement is not finite.

    Raises:
        ValueError: If there are not two channels or the scale is not positive.
    """
    displacement = np.asarray(displacement, dtype=np.float64)
    if displacement.ndim < 3 or displacement.shape[-3] != 2:
        raise ValueError(f'a displacement is (..., 2, H, W), got {displacement.shape}')
    if not max_displacement > 0:
        raise ValueError(f'max_displacement must be positive, got {max_displacement}')
    known = np.isfinite(displacement).all(axis=-3)
    x, y = np.where(known, np.moveaxis(displacement, -3, 0), 0) / max_displacement
    length = np.hypot(x, y)[..., None]

    # Not mmcv.flow2rgb: it scales each picture by its own largest displacement and has a step
    # between the hues on both sides of "right". Its wheel starts at red and turns to yellow.
    wheel = make_color_wheel()
    place = np.arctan2(y, x) / (2 * np.pi) % 1 * len(wheel)
    before = np.floor(place).astype(int)
    after_share = (place - before)[..., None]
    hue = (1 - after_share) * wheel[before % len(wheel)]
    hue += after_share * wheel[(before + 1) % len(wheel)]

    color = np.where(length <= 1, 1 - length * (1 - hue), _BEYOND * hue)
    return np.rint(255 * color * known[..., None]).astype(np.uint8)


def color_wheel(size: int = 101) -> np.ndarray:
    """The legend: a disc with the colour of each displacement from its centre.

    Args:
        size: Side of the picture, in pixels. The rim of the disc is a full colour.

    Returns:
        uint8 RGB (size, size, 3), white outside of the disc.
    """
    steps = np.linspace(-1, 1, size)
    displacement = np.stack(np.meshgrid(steps, steps))
    inside = np.hypot(*displacement) <= 1
    # The length at the rim is 1, and rounding must not make it longer than the scale.
    rgb = displacement_to_rgb(displacement, 1 + 1e-9)
    return np.where(inside[..., None], rgb, np.uint8(255))
