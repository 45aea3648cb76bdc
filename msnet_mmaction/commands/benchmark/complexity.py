"""FLOPs and parameters of a recogniser, counted as by MMAction2's ``get_flops.py``."""

from dataclasses import dataclass

import torch
from mmengine.analysis import FlopAnalyzer
from torch import Tensor, nn

from ... import ops  # noqa: F401  (tells the counter of the matching)


@dataclass(frozen=True)
class Complexity:
    """The cost of a recogniser.

    Attributes:
        flops: Multiply-adds of one forward pass, each counted as one, which the paper and MMAction2
            call FLOPs. Batch norms count two an element. Additions, ReLU, softmax and max pooling
            are not counted.
        params: Number of parameters, counted by their elements.
    """

    flops: int
    params: int


class _Scores(nn.Module):
    """A recogniser as a function from clips to class scores."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, clips: Tensor) -> Tensor:
        return self.model(clips, mode='tensor', stage='head')


def complexity(model: nn.Module, input_shape: tuple[int, ...]) -> Complexity:
    """Count the FLOPs and the parameters of a recogniser.

    Unlike ``get_flops.py`` it also counts the head and does not change the model.

    Args:
        model: A recogniser of MMAction2.
        input_shape: Shape of one video, without the batch: (T, C, H, W) for a 2D recogniser,
            (1, C, T, H, W) for a 3D one; see :func:`.clips.clip_shape`.

    Returns:
        FLOPs of one video, and parameters.
    """
    weight = next(model.parameters())
    clip = torch.zeros(1, *input_shape, dtype=weight.dtype, device=weight.device)
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            counter = FlopAnalyzer(_Scores(model), (clip,))
            counter.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
            flops = counter.total()
    finally:
        model.train(training)
    return Complexity(flops=int(flops), params=sum(p.numel() for p in model.parameters()))
