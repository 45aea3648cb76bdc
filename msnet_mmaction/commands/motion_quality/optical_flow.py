"""TV-L1 optical flow of clips, and its forward-backward consistency."""

from itertools import pairwise

import cv2
import numpy as np

from ...datasets.optical_flow import TVL1


def tvl1_flow(frames: np.ndarray, backward: bool = False) -> np.ndarray:
    """TV-L1 between adjacent frames, with OpenCV's defaults.

    Args:
        frames: uint8 RGB (T, H, W, 3).
        backward: Whether from each next frame to the one before.

    Returns:
        float32 (T - 1, 2, H, W), x then y, in pixels of the frames.

    Raises:
        ImportError: If OpenCV came without its contributed modules.
    """
    flow = TVL1()
    gray = [cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY) for frame in frames]
    pairs = [(b, a) if backward else (a, b) for a, b in pairwise(gray)]
    return np.stack([flow(source, target) for source, target in pairs]).transpose(0, 3, 1, 2)


def forward_backward_consistent(forward: np.ndarray, backward: np.ndarray) -> np.ndarray:
    """Where the backward flow at the end of a forward displacement leads back to its start.

    A point is consistent if ``|f + b| <= 1 + 0.01 (|f| + |b|)`` with its forward displacement f and
    the backward displacement b at its end, and if that end is inside the frame.

    Args:
        forward: From the first frames to the second, (N, 2, H, W), in pixels.
        backward: From the second frames to the first, (N, 2, H, W).

    Returns:
        bool (N, H, W).
    """
    height, width = forward.shape[2:]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    returns = []
    for there, field in zip(forward.astype(np.float32), backward, strict=True):
        to_x, to_y = x + there[0], y + there[1]
        inside = (to_x >= 0) & (to_x <= width - 1) & (to_y >= 0) & (to_y <= height - 1)
        back = np.stack(
            [cv2.remap(part.astype(np.float32), to_x, to_y, cv2.INTER_LINEAR) for part in field]
        )
        allowed = 1 + 0.01 * (np.hypot(*there) + np.hypot(*back))
        returns.append(inside & (np.hypot(*(there + back)) <= allowed))
    return np.stack(returns)
