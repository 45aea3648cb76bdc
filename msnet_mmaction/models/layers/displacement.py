"""How a displacement is read from correlations: Section 3.1, "Displacement estimation", Table 3."""

from mmaction.registry import MODELS
from torch import Tensor, nn

from ...ops import Matching, match
from ...ops.matching.backends import check_name


@MODELS.register_module()
class KernelSoftArgmax(nn.Module):
    """Kernel-soft-argmax (Eq. 3, 4): a soft-argmax around the best match.

    Args:
        max_displacement: k; the patch is P = 2k + 1 wide. The paper's P = 15 at 28 x 28.
        dilation: Distance, in positions, between two neighbouring displacements.
        sigma: Standard deviation of the Gaussian around the best match, in steps of the patch.
        temperature: Divisor of the softmax's argument.
        backend: Name of the backend of :func:`msnet_mmaction.ops.match`, such as ``reference`` or
            ``export``; None takes the fast one of the device, see :mod:`.matching.backends`.

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
        """What a displacement of 1 means, in positions of the feature map."""
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
    """Soft-argmax (Eq. 2, "S" of Table 3): all correlations of the patch have a say.

    Args:
        max_displacement: k; the patch is P = 2k + 1 wide.
        dilation: Distance, in positions, between two neighbouring displacements.
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
