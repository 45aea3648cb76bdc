"""TV-L1 optical flow, and the bytes that it is kept in."""

import cv2
import numpy as np

#: Displacements beyond it, in pixels, are cut off where flow is quantised: mmaction2's ``-b=20``.
BOUND = 20.0


class TVL1:
    """TV-L1 optical flow (Zach, Pock, Bischof, DAGM 2007): OpenCV's, with its default parameters.

    Raises:
        ImportError: If OpenCV came without its contributed modules.
    """

    def __init__(self) -> None:
        if not hasattr(cv2, 'optflow'):
            raise ImportError(
                'TV-L1 is one of the contributed modules of OpenCV, which the installed one lacks: '
                'pip install --force-reinstall --no-deps opencv-contrib-python'
            )
        self._algorithm = cv2.optflow.DualTVL1OpticalFlow_create()

    def __call__(self, frame: np.ndarray, next_frame: np.ndarray) -> np.ndarray:
        """Compute where each pixel goes.

        Args:
            frame: Grey values, uint8 (H, W).
            next_frame: The same of the next frame.

        Returns:
            (H, W, 2), float32: x (to the right) then y (down), in pixels.
        """
        return self._algorithm.calc(frame, next_frame, None)


def quantize_flow(flow: np.ndarray, bound: float = BOUND) -> np.ndarray:
    """Map [-bound, bound] to the bytes 0 to 255, as the flow of TSN and mmaction2 is kept.

    Args:
        flow: Displacements in pixels; what lies beyond the bound is cut off.
        bound: Largest displacement in pixels.

    Returns:
        uint8, of the same shape: ``round(255 * (flow + bound) / (2 * bound))``.
    """
    return np.rint(255 * (np.clip(flow, -bound, bound) + bound) / (2 * bound)).astype(np.uint8)


def dequantize_flow(quantized: np.ndarray, bound: float = BOUND) -> np.ndarray:
    """Displacements in pixels, float32, of the bytes that :func:`quantize_flow` gave.

    Args:
        quantized: The bytes.
        bound: As it was given to :func:`quantize_flow`.
    """
    return quantized.astype(np.float32) * (2 * bound / 255) - bound
