"""What a clip looks like to a recogniser."""

from mmaction.models import Recognizer3D
from mmengine.model import BaseModel
from torch import nn

from ...models.inference import FusedConv


def clip_shape(model: BaseModel, size: int = 224, frames: int | None = None) -> tuple[int, ...]:
    """Shape of one clip of one video, as a recogniser takes it, without the batch.

    Args:
        model: A recogniser of MMAction2.
        size: Height and width of a frame.
        frames: T; None is what the model says, or 8 if it says nothing.

    Returns:
        (T, C, H, W) for a 2D recogniser, (1, C, T, H, W) for a 3D one; C is what the first
        convolution takes: 3, or two for each flow of a stack.
    """
    frames = frames or getattr(model.backbone, 'num_segments', None) or 8
    kinds = (nn.Conv2d, nn.Conv3d, FusedConv)
    channels = next(m.in_channels for m in model.backbone.modules() if isinstance(m, kinds))
    if isinstance(model, Recognizer3D):
        return 1, channels, frames, size, size
    return frames, channels, size, size
