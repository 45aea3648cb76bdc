"""Conversion of the tokens of a transformer to feature maps and back."""

from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class TokenLayout:
    """The layout of the tokens that a stage puts out.

    Attributes:
        grid: (H, W), or (T, H, W) if the patches of a clip are one sequence. None for a stage that
            puts out a tuple of tokens and grid, such as those of ``MViT``.
        class_tokens: Number of tokens before those of the patches, such as a class token or
            registers. The layer neither gets nor changes them.
        time_last: Whether the sequence has the frames of one patch after each other, as in
            ``TimeSformer``. If not, it has the patches of one frame after each other.
        batch_first: Whether a sequence is (N, L, C); ``UniFormerV2`` has (L, N, C).
    """

    grid: tuple[int, ...] | None = None
    class_tokens: int = 0
    time_last: bool = False
    batch_first: bool = True

    def __post_init__(self) -> None:
        if self.grid is not None and len(self.grid) not in (2, 3):
            raise ValueError(f'the grid of tokens is (H, W) or (T, H, W), got {self.grid}')

    def to_maps(self, x: Tensor | tuple) -> Tensor:
        """Convert tokens to feature maps.

        Args:
            x: Output of the stage: (N, L, C), or a tuple of that and the grid.

        Returns:
            (N, C, H, W) or (N, C, T, H, W).

        Raises:
            ValueError: If ``x`` has no tokens, or not as many as the grid has positions.
        """
        tokens, grid = self._tokens_of(x)
        found = tokens.shape[1] - self.class_tokens
        if found != prod(grid):
            raise ValueError(
                f'the grid {grid} of the tokens has {prod(grid)} places, and the stage puts out '
                f'{found} tokens besides {self.class_tokens} class tokens: set grid and '
                'class_tokens in tokens=dict(...) of the layer'
            )
        places = tokens[:, self.class_tokens :].transpose(1, 2)
        if len(grid) == 3 and self.time_last:
            return places.unflatten(2, (*grid[1:], grid[0])).movedim(4, 2)
        return places.unflatten(2, grid)

    def to_tokens(self, maps: Tensor, x: Tensor | tuple) -> Any:
        """Convert feature maps back to tokens.

        Args:
            maps: Maps of the shape that :meth:`to_maps` returns.
            x: The argument of :meth:`to_maps`, with the class tokens.

        Returns:
            The type and shape of ``x``, with the tokens of the maps.
        """
        tokens, _ = self._tokens_of(x)
        if maps.ndim == 5 and self.time_last:
            maps = maps.movedim(2, 4)
        places = maps.flatten(2).transpose(1, 2)
        out = torch.cat([tokens[:, : self.class_tokens], places], dim=1)
        out = out if self.batch_first else out.transpose(0, 1)
        return out if isinstance(x, Tensor) else type(x)([out, *x[1:]])

    def _tokens_of(self, x: Tensor | tuple) -> tuple[Tensor, tuple[int, ...]]:
        tokens, grid = (x, self.grid) if isinstance(x, Tensor) else (x[0], self.grid or x[1])
        if not isinstance(tokens, Tensor) or tokens.ndim != 3 or grid is None:
            what = tuple(tokens.shape) if isinstance(tokens, Tensor) else type(tokens).__name__
            raise ValueError(
                f'tokens=dict(...) is for stages that put out tokens (N, L, C), got {what}'
                + ('' if grid else '; without a tuple that tells it, set grid=(H, W) or (T, H, W)')
            )
        return (tokens if self.batch_first else tokens.transpose(0, 1)), tuple(map(int, grid))
