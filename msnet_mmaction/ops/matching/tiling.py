"""Tiles of an image and the windows of another image that their patches lie in."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

#: Largest tile, in positions. A larger one wastes more of its window on each position, a smaller
#: one gives the matrix product too few rows to be fast.
TILE_HEIGHT, TILE_WIDTH = 4, 14


@dataclass(frozen=True)
class Tiling:
    """How H x W positions are divided into tiles of R x B. The last tiles may exceed the border.

    The patches of a tile's positions, (2k + 1) x (2k + 1) each, lie in a window of
    (R + 2k) x (B + 2k) positions. The windows of one column of tiles overlap in memory. Those of
    neighbouring columns are copies, because a window must be one matrix.

    Attributes:
        k: Largest displacement, in positions.
        height: H, in positions.
        width: W, in positions.
    """

    k: int
    height: int
    width: int

    @property
    def rows(self) -> int:
        """Tiles below each other."""
        return -(-self.height // TILE_HEIGHT)

    @property
    def columns(self) -> int:
        """Tiles beside each other."""
        return -(-self.width // TILE_WIDTH)

    @property
    def tile(self) -> tuple[int, int]:
        """Size of a tile (R, B), as even as the number of tiles allows."""
        return -(-self.height // self.rows), -(-self.width // self.columns)

    @property
    def window(self) -> tuple[int, int]:
        """Size of a window, (R + 2k, B + 2k)."""
        return self.tile[0] + 2 * self.k, self.tile[1] + 2 * self.k

    def split(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to tiles (rows, N * columns, C, R * B), zero over the border.

        The tiles keep the memory format of ``x``: transposing would cost more than the matrix
        product.
        """
        height, width = self.tile
        below, right = self.rows * height - self.height, self.columns * width - self.width
        if below or right:
            x = F.pad(x, [0, right, 0, below])
        tiles = x.unflatten(3, (self.columns, width))
        tiles = tiles.unflatten(2, (self.rows, height)).permute(2, 0, 4, 1, 3, 5)
        if _is_channels_last(x):
            return tiles.movedim(3, 5).flatten(3, 4).flatten(1, 2).contiguous().mT
        return tiles.flatten(4).flatten(1, 2).contiguous()

    def join(self, tiles: Tensor) -> Tensor:
        """The inverse of :meth:`split`."""
        x = tiles.unflatten(3, self.tile).unflatten(1, (-1, self.columns))
        x = x.permute(1, 3, 0, 4, 2, 5).flatten(4).flatten(2, 3)
        return x[:, :, : self.height, : self.width]

    def split_columns(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to overlapping columns (N * columns, C, padded H, B + 2k).

        The memory format is that of ``x``, as in :meth:`split`.
        """
        n, channels = x.shape[:2]
        size = self.rows * self.tile[0] + 2 * self.k, self.window[1]
        if _is_channels_last(x):
            columns = x.new_zeros(n, self.columns, *size, channels).permute(0, 1, 4, 2, 3)
        else:
            columns = x.new_zeros(n, self.columns, channels, *size)
        # Not padded first: allocating the padded image costs more than the few copies.
        for seen, inside in self._overlaps(x, columns):
            inside.copy_(seen)
        return columns.flatten(0, 1)

    def join_columns(self, columns: Tensor) -> Tensor:
        """The adjoint of :meth:`split_columns`: overlapping parts are summed."""
        columns = columns.unflatten(0, (-1, self.columns))
        x = columns.new_zeros(len(columns), columns.shape[2], self.height, self.width)
        for seen, inside in self._overlaps(x, columns):
            seen += inside
        return x

    def _overlaps(self, x: Tensor, columns: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Views of the part that x and each column share, of x and of the column."""
        for i in range(self.columns):
            left = i * self.tile[1] - self.k
            seen = x[..., max(left, 0) : left + self.window[1]]
            inside = columns[:, i, :, self.k : self.k + self.height, max(-left, 0) :]
            yield seen, inside[..., : seen.shape[3]]

    def windows(self, columns: Tensor) -> Tensor:
        """View of the windows in columns, (rows, N * columns, C, (R + 2k) * (B + 2k))."""
        windows = columns.unfold(2, self.window[0], self.tile[0])
        return windows.permute(2, 0, 1, 4, 3).flatten(3)

    def patches(self, band: Tensor) -> Tensor:
        """View of each position's patch in a band, (M, R, B, P, P).

        Args:
            band: A value for each position of M tiles and each position of its window,
                (M, R * B, (R + 2k) * (B + 2k)), contiguous.
        """
        patch = 2 * self.k + 1
        tile_width, width = self.tile[1], self.window[1]
        tile_stride, position_stride = band.stride(0), band.stride(1)
        # One position to the right, or down, moves its patch by one in the window as well.
        return torch.as_strided(
            band,
            (band.shape[0], *self.tile, patch, patch),
            (tile_stride, tile_width * position_stride + width, position_stride + 1, width, 1),
        )


def _is_channels_last(x: Tensor) -> bool:
    return x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
