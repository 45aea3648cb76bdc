"""Errors of a displacement field, and how well its confidence orders them.

Both measures are those of Baker et al., "A Database and Evaluation Methodology for Optical Flow",
IJCV 2011, Section 4.1.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


def endpoint_error(estimate: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Distance of the estimated end from the true one.

    Args:
        estimate: (..., 2, H, W), x then y, in pixels.
        truth: The true displacement, likewise.

    Returns:
        (..., H, W), in pixels.
    """
    return np.linalg.norm(np.asarray(estimate) - truth, axis=-3)


def angular_error(estimate: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Angle between (x, y, 1) of the estimate and of the truth; it is defined without motion too.

    Args:
        estimate: (..., 2, H, W), x then y, in pixels.
        truth: The true displacement, likewise.

    Returns:
        (..., H, W), in degrees.
    """
    estimate, truth = np.asarray(estimate, np.float64), np.asarray(truth, np.float64)
    dot = 1 + (estimate * truth).sum(axis=-3)
    # The length of the cross product: unlike an arc cosine, exact where both are equal.
    x, y = np.moveaxis(estimate, -3, 0), np.moveaxis(truth, -3, 0)
    cross = np.sqrt((x[1] - y[1]) ** 2 + (x[0] - y[0]) ** 2 + (x[0] * y[1] - x[1] * y[0]) ** 2)
    return np.degrees(np.arctan2(cross, dot))


class Errors(NamedTuple):
    """Errors at M positions of any number of clips.

    Attributes:
        endpoint_error: (M,), in pixels.
        angular_error: (M,), in degrees.
        magnitude: Length of the true displacement, (M,), in pixels.
        confidence: (M,); None if the estimate has none.
    """

    endpoint_error: np.ndarray
    angular_error: np.ndarray
    magnitude: np.ndarray
    confidence: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        estimate: np.ndarray,
        truth: np.ndarray,
        valid: np.ndarray,
        confidence: np.ndarray | None = None,
    ) -> 'Errors':
        """The errors of an estimate at valid positions.

        Args:
            estimate: (..., 2, H, W), x then y, in pixels.
            truth: The true displacement, likewise.
            valid: Where the truth is known, bool (..., H, W).
            confidence: (..., H, W), or None.
        """
        return cls(
            endpoint_error(estimate, truth)[valid],
            angular_error(estimate, truth)[valid],
            np.linalg.norm(truth, axis=-3)[valid],
            None if confidence is None else confidence[valid],
        )

    @classmethod
    def concatenate(cls, parts: 'Sequence[Errors]') -> 'Errors':
        """The errors of several clips, all with a confidence or all without, as one."""
        confidences = [part.confidence for part in parts if part.confidence is not None]
        return cls(
            np.concatenate([part.endpoint_error for part in parts]),
            np.concatenate([part.angular_error for part in parts]),
            np.concatenate([part.magnitude for part in parts]),
            np.concatenate(confidences) if confidences else None,
        )

    def select(self, positions: np.ndarray) -> 'Errors':
        """The errors at some positions, given as a mask (M,) or as indices."""
        return Errors(
            self.endpoint_error[positions],
            self.angular_error[positions],
            self.magnitude[positions],
            None if self.confidence is None else self.confidence[positions],
        )

    def summary(self, inlier_threshold: float) -> dict[str, float]:
        """Means, median, and inlier ratio: the share of errors of at most so many pixels."""
        return {
            'epe_mean': float(self.endpoint_error.mean()),
            'epe_median': float(np.median(self.endpoint_error)),
            'inlier_ratio': float((self.endpoint_error <= inlier_threshold).mean()),
            'angular_mean': float(self.angular_error.mean()),
        }

    def most_confident(self, share: float) -> 'Errors':
        """The errors of the most confident share of the positions."""
        count = max(round(share * len(self.endpoint_error)), 1)
        return self.select(self._by_descending_confidence()[:count])

    def by_confidence(self, parts: int = 10) -> np.ndarray:
        """Mean end-point error of equal parts of the positions, the least confident part first.

        Returns (parts,). With fewer positions than parts, a part without a position has NaN.
        """
        order = np.argsort(self._known_confidence(), kind='stable')
        split = np.array_split(self.endpoint_error[order], parts)
        return np.array([part.mean() if part.size else np.nan for part in split])

    def sparsification_curve(self, shares: np.ndarray) -> np.ndarray:
        """Mean end-point error of the most confident shares of the positions, as (shares,)."""
        return _means_of_first(self.endpoint_error[self._by_descending_confidence()], shares)

    def oracle_curve(self, shares: np.ndarray) -> np.ndarray:
        """The sparsification curve of the best order: by the error itself, smallest first."""
        return _means_of_first(np.sort(self.endpoint_error), shares)

    def _by_descending_confidence(self) -> np.ndarray:
        return np.argsort(-self._known_confidence(), kind='stable')

    def _known_confidence(self) -> np.ndarray:
        if self.confidence is None:
            raise ValueError('these errors are of an estimate without a confidence')
        return self.confidence


def _means_of_first(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Means of the first values, as many as each share of them."""
    counts = np.maximum(np.rint(shares * len(values)).astype(int), 1)
    return np.cumsum(values)[counts - 1] / counts
