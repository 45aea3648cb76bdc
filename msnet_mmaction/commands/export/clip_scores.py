"""A recogniser as a function from the frames of clips to the scores of their classes."""

from typing import Any

import torch
from mmaction.models import Recognizer2D, Recognizer3D
from mmaction.structures import ActionDataSample
from mmengine.model import BaseModel
from torch import Tensor, nn


class ClipScores(nn.Module):
    """The exported network: frames (N, T, H, W, C) to scores (N, K).

    Scores are those of MMAction2's ``predict`` for one clip: probabilities if ``average_clips`` of
    the head is ``'prob'``, else the output of the head.

    Args:
        model: A ``Recognizer2D`` or ``Recognizer3D``.
        normalize: Whether the network normalises frames, which are uint8 RGB. If not, they are
            float32, normalised by the caller.

    Raises:
        ValueError: If the model is neither, or has no head.
    """

    mean: Tensor | None
    std: Tensor | None

    def __init__(self, model: BaseModel, normalize: bool = True) -> None:
        super().__init__()
        if not isinstance(model, Recognizer2D | Recognizer3D) or not model.with_cls_head:
            raise ValueError(
                'what is exported is a Recognizer2D or Recognizer3D with a head, which '
                f'{type(model).__name__} is not'
            )
        self.model = model
        self.is_3d = isinstance(model, Recognizer3D)
        self.probabilities = model.cls_head.average_clips == 'prob'
        mean, std = mean_and_std(model) if normalize else (None, None)
        self.register_buffer('mean', mean)
        self.register_buffer('std', std)
        self.normalize = normalize

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (N, T, H, W, C) to scores (N, K)."""
        frames = frames.float()
        if self.mean is not None and self.std is not None:
            frames = (frames - self.mean) / self.std
        clips = frames.permute(0, 4, 1, 2, 3)[:, None] if self.is_3d else frames.movedim(4, 2)
        scores = self.model(clips.contiguous(), mode='tensor', stage='head')
        return scores.softmax(1) if self.probabilities else scores


def mean_and_std(model: BaseModel) -> tuple[Tensor | None, Tensor | None]:
    """Mean and standard deviation of the model's data preprocessor, (C,); None if it has none."""
    mean, std = (getattr(model.data_preprocessor, name, None) for name in ('mean', 'std'))
    if mean is None or std is None:
        return None, None
    return mean.flatten().clone(), std.flatten().clone()


@torch.no_grad()
def reference_scores(model: Any, frames: Tensor) -> Tensor:
    """The scores that MMAction2's own test computes of the same clips.

    Args:
        model: A recogniser in evaluation mode.
        frames: uint8 (N, T, H, W, C).

    Returns:
        (N, K).
    """
    device = next(model.parameters()).device
    order = (3, 0, 1, 2) if isinstance(model, Recognizer3D) else (0, 3, 1, 2)
    clips = [clip.permute(order) for clip in frames.to(device)]
    if isinstance(model, Recognizer3D):
        clips = [clip[None] for clip in clips]
    # These are RGB; MMAction2's preprocessor swaps the channels of BGR frames if to_rgb is set.
    samples = dict(inputs=clips, data_samples=[ActionDataSample() for _ in clips])
    preprocessor = model.data_preprocessor
    if preprocessor.to_rgb:
        samples['inputs'] = [clip.flip(-3 if clip.ndim == 4 else 1) for clip in clips]
    predictions = model.test_step(samples)
    return torch.stack([found.pred_score.flatten() for found in predictions]).float().cpu()
