"""What a trained network sees in a video file."""

from collections.abc import Sequence
from os import PathLike
from typing import NamedTuple

import numpy as np
import torch
from mmengine.dataset import Compose, pseudo_collate
from torch import nn

from .layers import MotionSqueeze
from .ops import Matching


class _TakeFrames:
    """In place of a sampler: these frames."""

    def __init__(self, frame_indices: Sequence[int]) -> None:
        self.frame_indices = np.asarray(frame_indices)

    def __call__(self, results: dict) -> dict:
        if not (
            self.frame_indices.min() >= 0 and self.frame_indices.max() < results['total_frames']
        ):
            raise ValueError(
                f'{results["filename"]} has {results["total_frames"]} frames, numbered from 0: '
                f'there are no frames {self.frame_indices.tolist()}'
            )
        return {
            **results,
            'frame_inds': self.frame_indices,
            'clip_len': 1,
            'num_clips': len(self.frame_indices),
        }


class VideoMotion(NamedTuple):
    """The motion that a layer found between the frames that a network was given.

    Attributes:
        frames: The input of the network, uint8 RGB (T, H, W, 3).
        frame_indices: Their numbers in the video, (T,).
        displacement: (T - 1, 2, h, w), x then y, in pixels of ``frames``: from each frame to the
            next one of them.
        confidence: (T - 1, h, w), in [0, 1].
        label: The predicted class.
        score: Its probability.
    """

    frames: np.ndarray
    frame_indices: np.ndarray
    displacement: np.ndarray
    confidence: np.ndarray
    label: int
    score: float


def motion_of_video(
    model: nn.Module,
    video: str | PathLike,
    layer: str | None = None,
    frame_indices: Sequence[int] | None = None,
) -> VideoMotion:
    """Run a recogniser on a video and keep the motion that one of its layers finds.

    Args:
        model: A recogniser with a ``cfg``, as mmaction2's ``init_recognizer`` returns it. Its test
            pipeline reads the video; of several clips, the first is kept.
        video: Path of a video file.
        layer: Name of the MotionSqueeze layer; by default the only one there is.
        frame_indices: Numbers of the T frames to look at; by default those that the test pipeline
            samples.

    Raises:
        ValueError: If there is no such layer, or several and none is named, or if the frames are
            not T of those that the video has.
    """
    layers = {name: m for name, m in model.named_modules() if isinstance(m, MotionSqueeze)}
    if layer is None and len(layers) == 1:
        (layer,) = layers
    if layer not in layers:
        raise ValueError(
            f'the model has the MotionSqueeze layers {", ".join(layers) or "(none)"}: '
            f'{layer!r} is none of them'
        )
    *steps, pack = model.cfg.test_dataloader.dataset.pipeline
    if frame_indices is not None:
        if len(frame_indices) != model.num_segments:
            raise ValueError(
                f'the model takes {model.num_segments} frames, got frame_indices={frame_indices}'
            )
        steps = [_TakeFrames(frame_indices) if 'num_clips' in step else step for step in steps]
    sample = Compose(steps)(
        {'filename': str(video), 'label': -1, 'start_index': 0, 'modality': 'RGB'}
    )
    found: list[Matching] = []
    matching = layers[layer].displacement
    handle = matching.register_forward_hook(lambda module, args, output: found.append(output))
    try:
        with torch.no_grad():
            (prediction,) = model.test_step(pseudo_collate([Compose([pack])(sample)]))
    finally:
        handle.remove()

    pairs = model.num_segments - 1
    frames = sample['imgs'][: pairs + 1].transpose(0, 2, 3, 1)
    displacement = found[0].displacement[:pairs].float().cpu().numpy()
    size = np.array(frames.shape[2:0:-1])  # width, height
    pixels_per_position = size / displacement.shape[:1:-1]
    displacement = (
        displacement * (pixels_per_position * matching.largest_displacement)[:, None, None]
    )
    return VideoMotion(
        frames=frames,
        frame_indices=np.asarray(sample['frame_inds'][: pairs + 1]),
        displacement=displacement,
        confidence=found[0].confidence[:pairs, 0].float().cpu().numpy(),
        label=int(prediction.pred_label),
        score=float(prediction.pred_score.max()),
    )
