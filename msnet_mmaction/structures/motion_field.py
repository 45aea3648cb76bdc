"""A field of motion, the same from the layer that estimates it to the picture that shows it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class MotionField(NamedTuple):
    """The motion between adjacent frames of clips.

    The unit of the displacement is a position of the field's own map, whatever its size. A field
    as large as the frames, such as optical flow, is therefore in pixels; :meth:`in_pixels` converts
    others::

        >>> import torch
        >>> from msnet_mmaction import MotionField
        >>> field = MotionField(torch.tensor([2.0, -1.0]).view(1, 2, 1, 1).expand(7, 2, 28, 28))
        >>> pixels = field.in_pixels(height=112, width=224)
        >>> tuple(pixels.shape), pixels[0, :, 0, 0].tolist()
        ((7, 2, 28, 28), [16.0, -4.0])

    Attributes:
        displacement: (..., T - 1, 2, H, W), x (to the right) then y (down), in positions.
        confidence: (..., T - 1, H, W), how sure each displacement is, larger is surer; None if
            nothing tells.
        backward: False: from each frame to the next one, at the positions of the former. True:
            from each next frame to the one before, at the positions of the next one.
    """

    displacement: Tensor
    confidence: Tensor | None = None
    backward: bool = False

    def in_pixels(self, height: int, width: int) -> Tensor:
        """The displacement in pixels of frames of this size, (..., T - 1, 2, H, W)."""
        return self.displacement * self._scale(height, width)

    def resized(self, height: int, width: int) -> 'MotionField':
        """The field on a map of another size, bilinearly, in positions of that map.

        The paper does so for its figures (56 x 56, Section 4.6).
        """
        displacement = _resize(self.displacement, height, width) * self._scale(height, width)
        confidence = None if self.confidence is None else _resize(self.confidence, height, width)
        return MotionField(displacement, confidence, self.backward)

    def map(self, function: Callable[[Tensor], Tensor]) -> 'MotionField':
        """The field with a function applied to displacement and confidence, such as an index."""
        confidence = None if self.confidence is None else function(self.confidence)
        return MotionField(function(self.displacement), confidence, self.backward)

    @classmethod
    def concatenate(cls, fields: 'Sequence[MotionField]') -> 'MotionField':
        """The fields of parts of a clip, in their order, as one.

        Args:
            fields: Each (T_i - 1, 2, H, W), of one size and direction, all with a confidence or
                all without.
        """
        confidences = [field.confidence for field in fields if field.confidence is not None]
        return cls(
            torch.cat([field.displacement for field in fields]),
            torch.cat(confidences) if confidences else None,
            fields[0].backward,
        )

    def _scale(self, height: int, width: int) -> Tensor:
        """Length of a position, x then y, on a map or frame of this size: (2, 1, 1)."""
        rows, columns = self.displacement.shape[-2:]
        return self.displacement.new_tensor([width / columns, height / rows])[:, None, None]


def _resize(maps: Tensor, height: int, width: int) -> Tensor:
    """Resize (..., H, W)."""
    flat = maps.reshape(-1, 1, *maps.shape[-2:])
    resized = F.interpolate(flat, (height, width), mode='bilinear', align_corners=False)
    return resized.reshape(*maps.shape[:-2], height, width)
