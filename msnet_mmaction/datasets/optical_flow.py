"""TV-L1 optical flow, and its quantisation to bytes."""

from typing import Any

import cv2
import numpy as np

#: Largest displacement of quantised flow, in pixels; longer ones are clipped (mmaction2's ``-b``).
BOUND = 20.0


class TVL1:
    """TV-L1 optical flow (Zach, Pock, Bischof, DAGM 2007): OpenCV's, with its default parameters.

    Raises:
        ImportError: If the installed OpenCV has no contributed modules.
    """

    def __init__(self) -> None:
        optflow: Any = getattr(cv2, 'optflow', None)
        if optflow is None:
            raise ImportError(
                'TV-L1 is one of the contributed modules of OpenCV, which the installed one lacks: '
                'pip install --force-reinstall --no-deps opencv-contrib-python'
            )
        self._algorithm = optflow.DualTVL1OpticalFlow_create()

    def __call__(self, frame: np.ndarray, next_frame: np.ndarray) -> np.ndarray:
        """Compute the flow from a frame to the next one.

        Args:
            frame: Grey values, uint8 (H, W).
            next_frame: Grey values of the next frame, uint8 (H, W).

        Returns:
            (H, W, 2), float32: x (to the right) then y (down), in pixels.
        """
        return self._algorithm.calc(frame, next_frame, None)


def quantize_flow(flow: np.ndarray, bound: float = BOUND) -> np.ndarray:
    """Map [-bound, bound] to the bytes 0 to 255, as in the flow files of TSN and mmaction2.

    Args:
        flow: Displacements in pixels, of any shape; longer ones than the bound are clipped.
        bound: Largest displacement in pixels.

    Returns:
        uint8, of the same shape: ``round(255 * (flow + bound) / (2 * bound))``.
    """
    return np.rint(255 * (np.clip(flow, -bound, bound) + bound) / (2 * bound)).astype(np.uint8)


def dequantize_flow(quantized: np.ndarray, bound: float = BOUND) -> np.ndarray:
    """The inverse of :func:`quantize_flow`, up to rounding and clipping.

    Args:
        quantized: uint8, of any shape.
        bound: The bound of :func:`quantize_flow`, in pixels.

    Returns:
        float32, of the same shape: displacements in pixels.
    """
    return quantized.astype(np.float32) * (2 * bound / 255) - bound
