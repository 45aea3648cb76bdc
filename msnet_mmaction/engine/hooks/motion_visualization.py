"""Pictures of the estimated motion during training."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmaction.registry import HOOKS
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from ...apis.video_motion import VideoMotion, motion_of_video
from ...models.layers import motion_layers


@HOOKS.register_module()
class MotionVisualizationHook(Hook):
    """Log the motion in a few clips, before training and after every n-th epoch.

    The pictures go to the run's visualizer and its backends: MMEngine's ``LocalVisBackend`` writes
    them to ``vis_data/vis_image``, ``TensorboardVisBackend`` shows them under *Images* with a
    slider over the epochs. The first picture of a clip sets the scale of the colours of the later
    ones. A clip that cannot be drawn stops the run before its first epoch.

    Args:
        clips: Videos to draw: numbers are entries of the validation set's list, strings are paths
            of videos or of folders of frames.
        interval: Epochs from one picture to the next.
        layers: Names, below the recogniser, of layers that estimate motion; all by default.

    Raises:
        ValueError: If there are no clips or the interval is not positive.
    """

    def __init__(
        self,
        clips: Sequence[int | str] = (0, 1),
        interval: int = 1,
        layers: Sequence[str] | None = None,
    ) -> None:
        if not clips or interval < 1:
            raise ValueError(f'clips and a positive interval are needed, got {clips}, {interval}')
        self.clips = tuple(clips)
        self.interval = interval
        self.layers = layers
        self._scales: dict[int | str, float] = {}

    @master_only
    def before_train(self, runner: Runner) -> None:
        """Draw the motion at the start of training, or where it is resumed."""
        self._draw(runner)

    @master_only
    def after_train_epoch(self, runner: Runner) -> None:
        """Draw the motion after an epoch; the step of the picture is the number of epochs."""
        if self.every_n_epochs(runner, self.interval):
            self._draw(runner, epochs=runner.epoch + 1)

    def _draw(self, runner: Runner, epochs: int | None = None) -> None:
        epochs = runner.epoch if epochs is None else epochs
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        layers = list(motion_layers(model, self.layers))
        pipeline = runner.cfg.val_dataloader.dataset.pipeline
        trains = model.training
        model.eval()
        try:
            for clip in self.clips:
                video = self._path(runner, clip)
                motion = motion_of_video(model, video, layers, pipeline=pipeline)
                picture = self._picture(clip, video, motion, epochs)
                # LocalVisBackend does not make a folder that is part of the name.
                runner.visualizer.add_image(f'motion_{video.stem}', picture, step=epochs)
        finally:
            model.train(trains)

    def _picture(
        self, clip: int | str, video: Path, motion: VideoMotion, epochs: int
    ) -> np.ndarray:
        # Imported here: matplotlib takes longer to import than the rest of this package.
        from ...visualization import figure_to_rgb, motion_figure, round_scale

        height, width = motion.frames.shape[1:3]
        scale = self._scales.setdefault(clip, round_scale(motion.fields.values(), height, width))
        figure = motion_figure(
            motion.frames,
            motion.fields,
            title=f'{video.name} after {epochs} epochs: class {motion.label} ({motion.score:.0%})',
            max_displacement=scale,
            frame_names=[str(n) for n in motion.frame_indices],
        )
        return figure_to_rgb(figure)

    @staticmethod
    def _path(runner: Runner, clip: int | str) -> Path:
        if isinstance(clip, str):
            return Path(clip)
        dataset = runner.val_dataloader.dataset
        if not -len(dataset) <= clip < len(dataset):
            raise ValueError(
                f'MotionVisualizationHook: there is no entry {clip} in a validation set of '
                f'{len(dataset)}'
            )
        sample = dataset.get_data_info(clip)
        return Path(sample.get('filename') or sample['frame_dir'])
