"""The matching operation that users call: features of two frames in, displacement out."""

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
    """The result of :func:`match`, for each position of the source.

    Attributes:
        displacement: (N, 2, H, W), x then y, in [-1, 1], where 1 is the search radius: times
            ``max_displacement * dilation`` it is in positions of the feature map.
        confidence: (N, 1, H, W), the correlation of the best match, in [0, 1].
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

    With the L2-normalised features f of the source and g of the target, zero outside the image,
    and displacements p in [-k, k] x [-k, k], dilation a, temperature t::

        s(x, p) = relu(f(x) . g(x + a p))                             correlation, Eq. 1
        q(x) = argmax_p s(x, p)                                       best match
        G(x, p) = exp(-|p - q(x)|^2 / (2 sigma^2))                    Gaussian, Eq. 4
        d(x) = sum_p p softmax_p(G(x, p) s(x, p) / t)                 displacement, Eq. 3
        c(x) = max_p s(x, p)                                          confidence, Eq. 5

    The displacement is returned divided by k. No gradient passes the argmax.

    Normalisation and softmax are in float32 (float64 for float64 features), also under autocast.
    For features in half precision a GPU may multiply them in float16.

    Example:
        An image that moves by 2 positions to the right and 1 up::

            >>> import torch
            >>> from msnet_mmaction import match
            >>> source = torch.randn(1, 64, 16, 20, generator=torch.manual_seed(0))
            >>> target = source.roll((-1, 2), dims=(2, 3))
            >>> displacement, confidence = match(source, target, max_displacement=3)
            >>> tuple(displacement.shape), tuple(confidence.shape)
            ((1, 2, 16, 20), (1, 1, 16, 20))
            >>> [round(value, 3) for value in (3 * displacement[0, :, 8, 10]).tolist()]
            [2.0, -1.0]

    Args:
        source: Features of the first frame of each pair, (N, C, H, W).
        target: Features of the second frame, of the same shape.
        max_displacement: k, in steps of the patch. The paper's P = 15 is k = 7.
        dilation: Distance of two neighbouring displacements, in positions.
        sigma: Standard deviation of the Gaussian, in steps of the patch. None leaves the Gaussian
            out: soft-argmax (Eq. 2).
        temperature: Divisor of the softmax's argument.
        backend: See :func:`.backends.choose_backend`; None chooses.

    Returns:
        Displacement (N, 2, H, W), x then y, in [-1, 1]; confidence (N, 1, H, W), in [0, 1].

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
    # torch takes empty outputs of an operator for views of one tensor and raises an error.
    if backend == 'export' or source.numel() == 0:
        return Matching(*export.match(source, target, *options))
    displacement, confidence, _, _ = match_op(source, target, *options, half)
    return Matching(displacement, confidence)
