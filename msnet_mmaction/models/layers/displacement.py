"""Displacement estimation: Section 3.1 and Table 3 of the paper."""

from mmaction.registry import MODELS
from torch import Tensor, nn

from ...ops import Matching, match
from ...ops.matching.backends import check_name


@MODELS.register_module()
class KernelSoftArgmax(nn.Module):
    """Kernel-soft-argmax (Eq. 3, 4): a soft-argmax around the best match.

    With the correlations s(p) of a position, displacements p in [-k, k] x [-k, k] and the best
    match q = argmax s::

        d = sum_p p softmax_p(exp(-|p - q|^2 / (2 sigma^2)) s(p) / temperature)

    Example:
        >>> import torch
        >>> from msnet_mmaction import KernelSoftArgmax
        >>> estimate = KernelSoftArgmax(max_displacement=3)
        >>> source, target = torch.randn(2, 8, 64, 14, 14)
        >>> displacement, confidence = estimate(source, target)
        >>> tuple(displacement.shape), tuple(confidence.shape)
        ((8, 2, 14, 14), (8, 1, 14, 14))

    Args:
        max_displacement: k; the patch has (2k + 1) x (2k + 1) displacements. The paper has k = 7
            at 28 x 28 positions.
        dilation: Distance of two neighbouring displacements, in positions.
        sigma: Standard deviation of the Gaussian, in steps of the patch.
        temperature: Divisor of the softmax's argument.
        backend: Name of the backend of :func:`msnet_mmaction.ops.match`, such as ``reference`` or
            ``export``. None takes the fast one of the device, see :mod:`.matching.backends`.

    Raises:
        ValueError: If there is no such backend.
    """

    out_channels = 2

    def __init__(
        self,
        max_displacement: int = 7,
        dilation: int = 1,
        sigma: float | None = 5.0,
        temperature: float = 0.01,
        backend: str | None = None,
    ) -> None:
        super().__init__()
        self.max_displacement = max_displacement
        self.dilation = dilation
        self.sigma = sigma
        self.temperature = temperature
        self.backend = check_name(backend)

    @property
    def search_radius(self) -> int:
        """Length of a displacement of 1, in positions of the feature map."""
        return self.max_displacement * self.dilation

    def forward(self, source: Tensor, target: Tensor) -> Matching:
        """Match (N, C, H, W) with (N, C, H, W): see :func:`msnet_mmaction.ops.match`."""
        return match(
            source,
            target,
            max_displacement=self.max_displacement,
            dilation=self.dilation,
            sigma=self.sigma,
            temperature=self.temperature,
            backend=self.backend,
        )

    def extra_repr(self) -> str:
        """Arguments, for printing."""
        return (
            f'max_displacement={self.max_displacement}, dilation={self.dilation}, '
            f'sigma={self.sigma}, temperature={self.temperature}'
            + (f', backend={self.backend!r}' if self.backend else '')
        )


@MODELS.register_module()
class SoftArgmax(KernelSoftArgmax):
    """Soft-argmax (Eq. 2, "S" of Table 3): the mean displacement, weighted by the correlations.

    With the correlations s(p) of a position and displacements p in [-k, k] x [-k, k]::

        d = sum_p p softmax_p(s(p) / temperature)

    Example:
        >>> import torch
        >>> from msnet_mmaction import SoftArgmax
        >>> source, target = torch.randn(2, 8, 64, 14, 14)
        >>> tuple(SoftArgmax(max_displacement=3)(source, target).displacement.shape)
        (8, 2, 14, 14)

    Args:
        max_displacement: k; the patch has (2k + 1) x (2k + 1) displacements.
        dilation: Distance of two neighbouring displacements, in positions.
        temperature: Divisor of the softmax's argument; Eq. 2 has none.
        backend: As in :class:`KernelSoftArgmax`.
    """

    def __init__(
        self,
        max_displacement: int = 7,
        dilation: int = 1,
        temperature: float = 1.0,
        backend: str | None = None,
    ) -> None:
        super().__init__(max_displacement, dilation, None, temperature, backend)
