"""The matching operation that users call: features of two frames to displacement, confidence."""

from typing import NamedTuple

import torch
from torch import Tensor

from ..torch_features import HAS_CUSTOM_OPS, without_autocast
from . import export, reference
from .backends import choose_backend

if HAS_CUSTOM_OPS:
    from .operator import match_op

#: Added to the squared norm, as in the authors' code: all-zero features stay zero.
NORM_EPSILON = 1e-6


class Matching(NamedTuple):
    """What matching finds, for each position of the source.

    Attributes:
        displacement: (N, 2, H, W), x then y, in [-1, 1]: divided by the largest displacement.
            Times ``max_displacement * dilation`` it is in positions of the feature map.
        confidence: (N, 1, H, W), the best match's correlation, in [0, 1].
    """

    displacement: Tensor
    confidence: Tensor


def normalize_features(features: Tensor) -> Tensor:
    """L2-normalise features (..., C, H, W) over C, in float32 or wider."""
    features = features.to(torch.promote_types(features.dtype, torch.float32))
    return features / (features.square().sum(dim=-3, keepdim=True) + NORM_EPSILON).sqrt()


def match(
    source: Tensor,
    target: Tensor,
    *,
    max_displacement: int = 7,
    dilation: int = 1,
    sigma: float | None = 5.0,
    temperature: float = 0.01,
    backend: str | None = None,
) -> Matching:
    """Find where each position of ``source`` went in ``target`` (Eq. 1-5 of the paper).

    The features are L2-normalised, correlated within a patch of (2k + 1) x (2k + 1) displacements,
    rectified, and read by a kernel-soft-argmax. Normalisation and softmax are in float32 (float64
    for float64 features), also under autocast; for features in half precision a GPU may multiply
    them in float16.

    Args:
        source: Features of the first frame of each pair, (N, C, H, W).
        target: Features of the second frame, of the same shape.
        max_displacement: k, in steps of the patch. The paper's P = 15 is k = 7.
        dilation: Distance, in positions, between two neighbouring displacements.
        sigma: Standard deviation of the Gaussian around the best match, in steps of the patch;
            None for the plain soft-argmax (Eq. 2).
        temperature: Divisor of the softmax's argument.
        backend: See :func:`.backends.choose_backend`; None chooses.

    Returns:
        Displacement (N, 2, H, W) in [-1, 1] and confidence (N, 1, H, W).

    Raises:
        ValueError: If the shapes disagree or an argument is out of its range.
        RuntimeError: If ``backend`` cannot serve these features.
    """
    options = (max_displacement, dilation, sigma, temperature)
    _check(source, target, *options)
    backend = choose_backend(source, backend)
    with without_autocast(source.device):
        a, b = normalize_features(source), normalize_features(target)
        return _match(a, b, backend, source.itemsize == 2, options)


def _check(
    source: Tensor,
    target: Tensor,
    max_displacement: int,
    dilation: int,
    sigma: float | None,
    temperature: float,
) -> None:
    if source.ndim != 4 or source.shape != target.shape:
        raise ValueError(
            f'match() takes two tensors of one shape (N, C, H, W), got {tuple(source.shape)} '
            f'and {tuple(target.shape)}'
        )
    if source.dtype != target.dtype or source.device != target.device:
        raise ValueError(
            f'match() takes tensors of one dtype on one device, got {source.dtype} on '
            f'{source.device} and {target.dtype} on {target.device}'
        )
    if max_displacement < 0 or dilation < 1:
        raise ValueError(
            f'match() needs max_displacement >= 0 and dilation >= 1, got {max_displacement} '
            f'and {dilation}'
        )
    if temperature <= 0 or (sigma is not None and sigma <= 0):
        raise ValueError(f'match() needs temperature > 0 and sigma > 0, got {temperature}, {sigma}')


def _match(source: Tensor, target: Tensor, backend: str, half: bool, options: tuple) -> Matching:
    if backend == 'reference':
        return Matching(*reference.match(source, target, *options))
    # torch takes the outputs of an operator for one tensor if they are empty, and objects.
    if backend == 'export' or source.numel() == 0:
        return Matching(*export.match(source, target, *options))
    displacement, confidence, _, _ = match_op(source, target, *options, half)
    return Matching(displacement, confidence)
