"""Shape of the frames that a config's network takes, by its test pipeline."""

from collections.abc import Mapping, Sequence

from mmengine.model import BaseModel

from ...datasets.samplers import is_sampler
from ..benchmark.clips import clip_shape

_CROPS = ('CenterCrop', 'ThreeCrop', 'TenCrop')


def frames_shape(
    model: BaseModel, pipeline: Sequence[Mapping], size: Sequence[int] | None = None
) -> tuple[int, int, int, int]:
    """Shape of the frames of one clip, (T, H, W, C).

    Args:
        model: A recogniser of MMAction2.
        pipeline: The transforms of its ``test_dataloader``.
        size: H and W; by default those that the pipeline ends with.

    Raises:
        ValueError: If the pipeline doesn't tell the frames or their size.
    """
    size = size or _size_of(pipeline)
    if size is None:
        raise ValueError('the test pipeline neither crops nor resizes to one size: give --size H W')
    frames = _segments_of(model) or _sampled(pipeline)
    if not frames:
        raise ValueError(
            'neither the backbone, the head nor the sampler of the test pipeline tells the frames '
            'of a clip: set num_segments of the backbone'
        )
    # (T, C, H, W) or (1, C, T, H, W): C is the second in both.
    channels = clip_shape(model, frames=frames)[1]
    height, width = size
    return frames, height, width, channels


def _segments_of(model: BaseModel) -> int | None:
    for part in (model.backbone, model.cls_head):
        if getattr(part, 'num_segments', None):
            return part.num_segments
    return None


def _sampled(pipeline: Sequence[Mapping]) -> int | None:
    """The frames of a clip, or, where clips are single frames, their number."""
    for step in pipeline:
        if is_sampler(step):
            return step.get('clip_len', 1) if step.get('clip_len', 1) > 1 else step.get('num_clips')
    return None


def _size_of(pipeline: Sequence[Mapping]) -> tuple[int, int] | None:
    size = None
    for step in pipeline:
        pair = None
        if step['type'] in _CROPS:
            pair = step['crop_size']
        elif step['type'] == 'Resize' and not step.get('keep_ratio', True):
            pair = step['scale']
        if pair is not None:
            # MMAction2 says width, then height.
            width, height = (pair, pair) if isinstance(pair, int) else pair
            size = height, width
    return size
