"""Predictions of a recogniser for files, arrays and streams."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmengine.model import BaseModel
from torch.utils.data import DataLoader, Dataset

from ...datasets import DataError, VideoFrames
from ...datasets.readers.sample import ArrayFrames, Frames, Sample, SampleReader
from ...datasets.readers.windows import read_windows
from ...models.layers import fields_of_clip, motion_layers, record_motion
from ..recognizers import class_names
from .inputs import Input, find_inputs
from .prediction import Prediction
from .recording import features_of, record_features


def predict(model: BaseModel, inputs: Input, **kwargs: Any) -> list[Prediction]:
    """Predict the classes of videos.

    Args:
        model: A recogniser in evaluation mode, such as of
            :func:`msnet_mmaction.apis.load_recognizer`.
        inputs: A path, an array, or any iterable of these: see :func:`.find_inputs`.
        **kwargs: Arguments of :func:`iter_predictions`, which yields predictions one by one.

    Returns:
        A prediction for each video or window; that of a video that can't be read has an ``error``.

    Example::

        model = load_recognizer('config.py', 'best.pth')
        for prediction in predict(model, 'videos'):
            print(prediction.name, prediction.error or prediction.top(3))
    """
    return list(iter_predictions(model, inputs, **kwargs))


def iter_predictions(
    model: BaseModel,
    inputs: Input,
    *,
    batch_size: int = 1,
    workers: int = 0,
    clips: int | None = None,
    crops: int | None = None,
    classes: Sequence[str] | None = None,
    window: float | None = None,
    step: float | None = None,
    fps: float | None = None,
    features: str | None = None,
    motion: bool | Sequence[str] = False,
) -> Iterator[Prediction]:
    """Predict the classes of videos one by one, while they are read.

    Args:
        model: As in :func:`predict`.
        inputs: As in :func:`predict`.
        batch_size: Number of videos or windows in a batch.
        workers: Number of processes that read videos; 0 reads them in this one. Windows are always
            read in this one.
        clips: Number of clips of a video; by default that of the config's test pipeline.
        crops: Number of crops of a frame, 1, 3 or 10; by default that of the test pipeline.
        classes: Names of the classes; by default those of :func:`.class_names`.
        window: Length in seconds of windows along each video; None gives one prediction for each
            video. Streams need windows. Videos of any length are decoded once, in order.
        step: Distance of the windows, in seconds; by default half a window.
        fps: Frames a second of folders of pictures and of arrays, for windows.
        features: Name of a layer whose output is averaged, such as ``backbone``.
        motion: Whether to return the motion of the first clip, or names of layers for it.

    Yields:
        The predictions, in the order of the inputs.

    Raises:
        DataError: If a folder or a list is empty.
        ValueError: If the network takes no RGB frames, or an argument does not fit it.
    """
    if batch_size < 1:
        raise ValueError(f'batch_size must be positive, got {batch_size}')
    if model.training:
        raise ValueError('the model is in training: call model.eval()')
    if classes is None:
        classes = class_names(model)
    elif len(classes) != model.cls_head.num_classes:
        raise ValueError(
            f'there are {len(classes)} names of classes, the network has '
            f'{model.cls_head.num_classes} classes'
        )
    layers = motion_layers(model, None if motion is True else motion) if motion else []
    runner = _Runner(model, classes, features, list(layers))
    with record_features(model, features):
        pass  # a layer that is not there is told of before anything is read
    reader = SampleReader(_pipeline(model), clips, crops)
    if window is None:
        items = _read_videos(list(find_inputs(inputs)), reader, batch_size, workers)
    else:
        items = _read_along(find_inputs(inputs), reader, window, step or window / 2, fps)
    while batch := list(islice(items, batch_size)):
        yield from runner.run(batch)


class _Item(NamedTuple):
    """A video, or a window, that was read, or could not be."""

    prediction: Prediction
    sample: Sample | None = None


def _pipeline(model: BaseModel) -> Sequence:
    dataset = model.cfg.test_dataloader.dataset
    if dataset.get('modality', 'RGB') != 'RGB':
        raise ValueError(f'the network takes {dataset.modality}, and videos hold RGB frames')
    return dataset.pipeline


class _Videos(Dataset):
    def __init__(self, inputs: Sequence[str | ArrayFrames], reader: SampleReader) -> None:
        self._inputs, self._reader = inputs, reader

    def __len__(self) -> int:
        return len(self._inputs)

    def __getitem__(self, index: int) -> _Item:
        source = self._inputs[index]
        name = source if isinstance(source, str) else str(source.path)
        try:
            if isinstance(source, str) and '://' in source:
                raise DataError('a stream has no end: it is read in windows, of so many seconds')
            frames: Frames = VideoFrames(source) if isinstance(source, str) else source
            sample = self._reader.read(frames)
            times = sample.frame_indices / (frames.fps or 1.0)
        except Exception as error:  # whatever decoders and transforms run into in a broken file
            return _Item(Prediction(name, error=_one_line(error)))
        return _Item(Prediction(name, frame_times=times), sample)


def _read_videos(
    inputs: Sequence[str | ArrayFrames], reader: SampleReader, batch_size: int, workers: int
) -> Iterator[_Item]:
    if not inputs:
        return
    loader = DataLoader(
        _Videos(inputs, reader), batch_size, num_workers=workers, collate_fn=_as_they_are
    )
    for items in loader:
        yield from items


def _as_they_are(items: list[_Item]) -> list[_Item]:
    return items


def _read_along(
    inputs: Iterable[str | ArrayFrames],
    reader: SampleReader,
    window: float,
    step: float,
    fps: float | None,
) -> Iterator[_Item]:
    for source in inputs:
        name = source if isinstance(source, str) else str(source.path)
        try:
            frames: str | Frames = source
            if isinstance(source, str) and os.path.isdir(source):
                frames = VideoFrames(source)
            for start, end, sample, times in read_windows(frames, reader, window, step, fps):
                prediction = Prediction(name, start=start, end=end, frame_times=times)
                yield _Item(prediction, sample)
        except (DataError, OSError) as error:
            yield _Item(Prediction(name, error=_one_line(error)))


def _one_line(error: Exception) -> str:
    text = ' '.join(str(error).split()) or type(error).__name__
    return text if isinstance(error, ValueError | OSError) else f'{type(error).__name__}: {text}'


class _Runner:
    """Runs the network on batches."""

    def __init__(
        self,
        model: BaseModel,
        classes: Sequence[str] | None,
        features: str | None,
        motion: Sequence[str],
    ) -> None:
        self.model, self.features, self.motion = model, features, motion
        self.classes = None if classes is None else list(classes)

    def run(self, items: Sequence[_Item]) -> list[Prediction]:
        """The predictions of a batch; samples of other sizes are run on their own."""
        predictions = [item.prediction for item in items]
        groups: dict[tuple, dict[int, Sample]] = {}
        for place, item in enumerate(items):
            if item.sample is not None:
                groups.setdefault(tuple(item.sample.inputs['inputs'].shape), {})[place] = (
                    item.sample
                )
        for samples in groups.values():
            found = self._run([predictions[place] for place in samples], [*samples.values()])
            for place, prediction in zip(samples, found, strict=True):
                predictions[place] = prediction
        return predictions

    def _run(
        self, predictions: Sequence[Prediction], samples: Sequence[Sample]
    ) -> Iterator[Prediction]:
        recording: AbstractContextManager[dict] = (
            record_motion(self.model, self.motion) if self.motion else nullcontext({})
        )
        with torch.no_grad(), recording as fields, record_features(self.model, self.features) as f:
            outputs = self.model.test_step(pseudo_collate([sample.inputs for sample in samples]))
        features = features_of(f, len(samples)).cpu().numpy() if f else None
        for number, (prediction, output) in enumerate(zip(predictions, outputs, strict=True)):
            scores = output.pred_score.float().cpu().numpy()
            if scores.ndim != 1:
                raise ValueError(
                    "the head does not average the scores of the clips: set average_clips='prob' "
                    'of model.cls_head'
                )
            prediction = prediction._replace(
                scores=scores,
                classes=self.classes,
                features=None if features is None else features[number],
            )
            if self.motion:
                motion = fields_of_clip(fields, number, len(samples))
                times = _times_of(
                    np.asarray(prediction.frame_times), motion, self.model, self.motion[0]
                )
                size = tuple(samples[number].inputs['inputs'].shape[-2:])
                prediction = prediction._replace(motion=motion, frame_times=times, input_size=size)
            yield prediction


def _times_of(times: np.ndarray, fields: dict, model: BaseModel, layer: str) -> np.ndarray:
    """The times of the frames that the first layer sees of the first clip."""
    frames = len(next(iter(fields.values())).displacement) + 1
    clip = model.get_submodule(layer).num_segments or len(times)
    # A 3D network may have subsampled the frames before the layer.
    return times[:clip][:: max(1, clip // frames)][:frames]
