"""mmaction2's 2D recogniser, which does not let two places disagree on the frames of a clip."""

from mmaction.models import Recognizer2D
from mmaction.registry import MODELS
from torch import Tensor

from ..backbones import resolve_num_segments


@MODELS.register_module()
class MotionRecognizer2D(Recognizer2D):
    """mmaction2's ``Recognizer2D``, with the frames of a clip checked.

    Where backbone and head disagree, or a batch holds another number of frames, ``Recognizer2D``
    averages frames of different videos, or raises an error about the view of a tensor.

    Args:
        *args: As ``Recognizer2D``.
        **kwargs: As ``Recognizer2D``.

    Raises:
        ValueError: If backbone and head disagree on the frames of a clip.
    """

    def __init__(self, *args, **kwargs) -> None:
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

    def extract_feat(self, inputs: Tensor, *args, **kwargs) -> tuple:
        """Extract features of (N, M * T, C, H, W), M clips a video.

        Raises:
            ValueError: If the frames of a video are no multiple of T.
        """
        if self.num_segments and inputs.shape[1] % self.num_segments:
            raise ValueError(
                f'the pipeline gave {inputs.shape[1]} frames a video, which is not a multiple of '
                f"the model's num_segments={self.num_segments}: set num_clips of the sampler"
            )
        return super().extract_feat(inputs, *args, **kwargs)
