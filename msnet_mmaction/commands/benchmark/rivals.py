"""Other implementations of the matching, comparable with :func:`msnet_mmaction.ops.match`.

Each normalises the features, correlates them, rectifies the cost volume and applies a
kernel-soft-argmax with the paper's sigma and temperature. The correlations are those of other
packages or follow other code; the rest is the same plain torch. Features in half precision are
normalised in float32, correlated in their own precision, and the softmax is in float32.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import torch
import torch.nn.functional as F
from torch import Tensor

from ...ops import normalize_features

SIGMA, TEMPERATURE = 5.0, 0.01

#: Features of both frames (N, C, H, W) and k to a cost volume (N, P, P, H, W), y then x.
Correlation = Callable[[Tensor, Tensor, int], Tensor]
#: Features of both frames and k to displacement (N, 2, H, W) and confidence (N, 1, H, W).
Match = Callable[[Tensor, Tensor, int], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Rival:
    """An implementation of the correlation.

    Attributes:
        correlate: The correlation.
        package: Distribution to install for it.
        module: A module that only the right distribution has.
        compiles: Whether ``torch.compile`` can compile it as a whole. If not, only the operations
            before and after the correlation are compiled.
    """

    correlate: Correlation
    package: str | None = None
    module: str | None = None
    compiles: bool = True

    def hindrance(self, device: torch.device) -> str | None:
        """Why it cannot run; None if it can."""
        if self.package is None:
            return None
        if find_spec(self.package) is None or (self.module and find_spec(self.module) is None):
            return f'{self.package} is not installed'
        return None if device.type == 'cuda' else f'{self.package} needs a GPU'

    def make(self, compiled: bool) -> Match:
        """The whole operation.

        Args:
            compiled: Whether to compile it, or the parts that can be compiled.
        """
        normalize, read = normalize_like, kernel_soft_argmax
        if compiled and not self.compiles:
            normalize = torch.compile(normalize, dynamic=False)
            read = torch.compile(read, dynamic=False)

        def match(source: Tensor, target: Tensor, k: int) -> tuple[Tensor, Tensor]:
            return read(self.correlate(normalize(source), normalize(target), k))

        return torch.compile(match, dynamic=False) if compiled and self.compiles else match


def normalize_like(features: Tensor) -> Tensor:
    """L2-normalise in float32, and convert back to the precision of the features."""
    return normalize_features(features).to(features.dtype)


def kernel_soft_argmax(volume: Tensor) -> tuple[Tensor, Tensor]:
    """Displacement and confidence of a cost volume (N, P, P, H, W)."""
    patch = volume.shape[1]
    scores = volume.flatten(1, 2).float().relu()
    confidence, best = scores.max(dim=1, keepdim=True)
    index = torch.arange(patch * patch, device=scores.device)[:, None, None]
    x, y = index % patch, index // patch
    distance = (x - best % patch).square() + (y - best // patch).square()
    gaussian = torch.exp(distance * (-1 / (2 * SIGMA**2)))
    weights = torch.softmax(scores * gaussian / TEMPERATURE, dim=1)
    k = patch // 2
    displacement = [(weights * (step - k)).sum(dim=1, keepdim=True) for step in (x, y)]
    return torch.cat(displacement, dim=1) / max(k, 1), confidence


def correlate_all_pairs(source: Tensor, target: Tensor, k: int) -> Tensor:
    """One matrix product of all positions with all, as the authors' variant without extension.

    Of the H W x H W products, those of the patches are on diagonals, which are selected first for
    the columns, then for the rows.
    """
    height, width = source.shape[2:]
    products = torch.bmm(source.flatten(2).mT, target.flatten(2))
    products = products.unflatten(2, (height, width)).unflatten(1, (height, width))
    by_column = torch.stack([_diagonal(products, i, 2, 4) for i in range(-k, k + 1)], dim=1)
    # (N, P, H, H', W)
    by_row = torch.stack([_diagonal(by_column, i, 2, 3) for i in range(-k, k + 1)], dim=1)
    # (N, P, P, W, H)
    return by_row.mT


def _diagonal(x: Tensor, offset: int, dim1: int, dim2: int) -> Tensor:
    """A diagonal of two dimensions of equal size, as last dimension, padded with zeros."""
    size = x.shape[dim1]
    if abs(offset) >= size:
        x, offset = torch.zeros_like(x), 0
        return x.diagonal(offset, dim1, dim2)
    return F.pad(x.diagonal(offset, dim1, dim2), (max(-offset, 0), max(offset, 0)))


def correlate_by_mmcv(source: Tensor, target: Tensor, k: int) -> Tensor:
    """The CUDA kernel of mmcv, which has no bfloat16."""
    from mmcv.ops import Correlation

    return Correlation(max_displacement=k)(source.contiguous(), target.contiguous())


def correlate_by_localcorr(source: Tensor, target: Tensor, k: int) -> Tensor:
    """The Triton kernel of localcorr."""
    from localcorr import get_localcorr_sampler

    return get_localcorr_sampler(2 * k + 1, corr_mode='localcorr_triton')(source, target)


RIVALS = {
    'matrix-product': Rival(correlate_all_pairs),
    # mmcv-lite has the same name, and no operations.
    'mmcv': Rival(correlate_by_mmcv, 'mmcv', 'mmcv._ext', compiles=False),
    'localcorr': Rival(correlate_by_localcorr, 'localcorr', compiles=False),
}
