"""Shape of the clips that a recogniser takes."""

from mmaction.models import Recognizer3D
from mmengine.model import BaseModel
from torch import nn

from ...models.inference import FusedConv


def clip_shape(model: BaseModel, size: int = 224, frames: int | None = None) -> tuple[int, ...]:
    """Shape of one clip of one video, as a recogniser takes it, without the batch.

    Args:
        model: A recogniser of MMAction2.
        size: Height and width of a frame.
        frames: T; by default ``num_segments`` of the model, or 8 if it has none.

    Returns:
        (T, C, H, W) for a 2D recogniser, (1, C, T, H, W) for a 3D one. C is the number of channels
        of the first convolution: 3, or two for each flow of a stack.
    """
    frames = frames or getattr(model.backbone, 'num_segments', None) or 8
    kinds = (nn.Conv2d, nn.Conv3d, FusedConv)
    channels = next(m.in_channels for m in model.backbone.modules() if isinstance(m, kinds))
    if isinstance(model, Recognizer3D):
        return 1, channels, frames, size, size
    return frames, channels, size, size
