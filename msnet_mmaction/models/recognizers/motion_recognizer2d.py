"""mmaction2's 2D recogniser with a check of the number of frames of a clip."""

from typing import Any

from mmaction.models import Recognizer2D
from mmaction.registry import MODELS
from torch import Tensor

from ..backbones import resolve_num_segments


@MODELS.register_module()
class MotionRecognizer2D(Recognizer2D):
    """mmaction2's ``Recognizer2D`` with a check of the number of frames of a clip.

    Where backbone and head disagree, or a batch has another number of frames, ``Recognizer2D``
    averages frames of different videos, or raises an error about the view of a tensor.

    Args:
        *args: Arguments of ``Recognizer2D``.
        **kwargs: Likewise.

    Raises:
        ValueError: If backbone and head disagree on the frames of a clip.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.num_segments = resolve_num_segments(
            {
                f"the {name}'s ({type(part).__name__}) num_segments": getattr(
                    part, 'num_segments', None
                )
                for name, part in (
                    ('backbone', self.backbone),
                    ('head', getattr(self, 'cls_head', None)),
                )
            }
        )

    def extract_feat(self, inputs: Tensor, *args: Any, **kwargs: Any) -> tuple:
        """Extract features of inputs (N, M * T, C, H, W), with M clips a video.

        Raises:
            ValueError: If the number of frames of a video is not a multiple of T.
        """
        if self.num_segments and inputs.shape[1] % self.num_segments:
            raise ValueError(
                f'the pipeline gave {inputs.shape[1]} frames a video, which is not a multiple of '
                f"the model's num_segments={self.num_segments}: set num_clips of the sampler"
            )
        return super().extract_feat(inputs, *args, **kwargs)
