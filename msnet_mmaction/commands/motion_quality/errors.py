"""Errors of a displacement field, and what they are where the network is sure.

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
        truth: The same of the truth.

    Returns:
        (..., H, W), in pixels.
    """
    return np.linalg.norm(np.asarray(estimate) - truth, axis=-3)


def angular_error(estimate: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Angle between (x, y, 1) of the estimate and of the truth; the 1 lets no motion count.

    Args:
        estimate: (..., 2, H, W), x then y, in pixels.
        truth: The same of the truth.

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
    """Errors at M positions, of any number of clips.

    Attributes:
        endpoint: (M,), in pixels.
        angular: (M,), in degrees.
        length: (M,), of the true displacement, in pixels.
        confidence: (M,); None where there is none.
    """

    endpoint: np.ndarray
    angular: np.ndarray
    length: np.ndarray
    confidence: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        estimate: np.ndarray,
        truth: np.ndarray,
        counts: np.ndarray,
        confidence: np.ndarray | None = None,
    ) -> 'Errors':
        """Errors of fields (..., 2, H, W) at the positions (..., H, W) that count."""
        return cls(
            endpoint_error(estimate, truth)[counts],
            angular_error(estimate, truth)[counts],
            np.linalg.norm(truth, axis=-3)[counts],
            None if confidence is None else confidence[counts],
        )

    @classmethod
    def joined(cls, parts: 'Sequence[Errors]') -> 'Errors':
        """Those of several clips, as one."""
        columns = zip(*parts, strict=True)
        return cls(*(None if column[0] is None else np.concatenate(column) for column in columns))

    def where(self, places: np.ndarray) -> 'Errors':
        """Those at some of the positions: a mask (M,), or their numbers."""
        return Errors(*(None if column is None else column[places] for column in self))

    def summary(self, close: float) -> dict[str, float]:
        """Means, the median, and the share of positions that are at most ``close`` pixels off."""
        return {
            'epe_mean': float(self.endpoint.mean()),
            'epe_median': float(np.median(self.endpoint)),
            'inlier_ratio': float((self.endpoint <= close).mean()),
            'angular_mean': float(self.angular.mean()),
        }

    def surest(self, share: float) -> 'Errors':
        """Those of the surest share of the positions."""
        count = max(round(share * len(self.endpoint)), 1)
        return self.where(np.argsort(-self.confidence, kind='stable')[:count])

    def by_confidence(self, parts: int = 10) -> np.ndarray:
        """Mean end-point error of equal parts of the positions, the least sure first, (parts,).

        NaN for a part without a position, of fewer positions than parts.
        """
        order = np.argsort(self.confidence, kind='stable')
        split = np.array_split(self.endpoint[order], parts)
        return np.array([part.mean() if part.size else np.nan for part in split])

    def sparsification(self, shares: np.ndarray) -> np.ndarray:
        """Mean end-point error of the surest shares of the positions."""
        order = np.argsort(-self.confidence, kind='stable')
        return _means_of_first(self.endpoint[order], shares)

    def oracle(self, shares: np.ndarray) -> np.ndarray:
        """The same, were the confidence to know the error: no order can be better."""
        return _means_of_first(np.sort(self.endpoint), shares)


def _means_of_first(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    counts = np.maximum(np.rint(shares * len(values)).astype(int), 1)
    return np.cumsum(values)[counts - 1] / counts
