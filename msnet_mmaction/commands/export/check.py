"""Comparison of an exported file with the recogniser."""

from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .clip_scores import mean_and_std, reference_scores

#: Largest difference by rounding, as a share of the largest score.
TOLERANCE = 1e-2


class ExportError(ValueError):
    """A network cannot be exported, or its file gives other scores."""


def generated_clips(shape: Sequence[int]) -> dict[str, Tensor]:
    """Clips to compare on, in batches of several sizes.

    Args:
        shape: (T, H, W, C).

    Returns:
        uint8 (N, T, H, W, C), by the kind of clips: noise, and moving smooth textures.
    """
    frames, height, width, channels = shape
    source = torch.Generator().manual_seed(0)
    noise = torch.randint(0, 256, (1, *shape), dtype=torch.uint8, generator=source)
    coarse = torch.rand(3, channels, 8, 8, generator=source)
    textures = F.interpolate(coarse, (height, width), mode='bicubic').mul(255).clamp(0, 255)
    steps = [(2 * t, 3 * t) for t in range(frames)]
    moving = torch.stack([textures.roll(step, (2, 3)) for step in steps], dim=1)
    return {'noise': noise, 'moving textures': moving.movedim(2, 4).to(torch.uint8)}


def check_scores(
    run: Callable[[Tensor], Tensor],
    model: nn.Module,
    clips: Mapping[str, Tensor],
    normalize: bool,
) -> float:
    """Compare a file's scores with those of MMAction2's own test.

    Args:
        run: The network of the file, a function of frames.
        model: The recogniser, in evaluation mode.
        clips: uint8 (N, T, H, W, C), by the kind of clips.
        normalize: Whether the file normalises frames.

    Returns:
        The largest difference.

    Raises:
        ExportError: If a difference is larger than rounding.
    """
    largest = 0.0
    for name, frames in clips.items():
        expected = reference_scores(model, frames)
        with torch.no_grad():
            found = run(frames if normalize else _normalized(model, frames))
        difference = (found - expected).abs().max().item()
        # Not "greater": a comparison with NaN is False.
        if not difference <= TOLERANCE * expected.abs().max().item():
            raise ExportError(
                f'the exported network is another one: on {name} its scores differ by up to '
                f'{difference:.2g} from those of PyTorch, of which the largest is '
                f'{expected.abs().max():.2g}. Nothing is written'
            )
        largest = max(largest, difference)
    return largest


def _normalized(model: nn.Module, frames: Tensor) -> Tensor:
    mean, std = mean_and_std(model)
    if mean is None or std is None:
        return frames.float()
    return (frames.float() - mean.cpu()) / std.cpu()
