"""Samples of a dataset as the network gets them, with their sources."""

import os
from typing import NamedTuple

import numpy as np
from mmaction.datasets.transforms import PackActionInputs
from mmengine.dataset import BaseDataset

from ...datasets.errors import DataError
from ...datasets.labels.classes import load_classes

_KEYS = ('filename', 'frame_dir', 'frame_inds', 'flip')


class BrowsedSample(NamedTuple):
    """A sample after all transforms."""

    #: uint8 RGB (T, H, W, 3).
    frames: np.ndarray
    #: Label after all transforms, and its class name, if known.
    label: int
    class_name: str
    #: The file or folder.
    path: str
    #: Indices of the frames, as in the pipeline.
    indices: list[int]
    flipped: bool


def browse(dataset: BaseDataset, index: int) -> BrowsedSample:
    """Read a sample of a dataset with its source.

    Args:
        dataset: A dataset of mmaction2 whose pipeline ends in ``PackActionInputs``.
        index: Index of the sample. A training set replaces a sample that can't be read.

    Raises:
        DataError: If the pipeline does not end in ``PackActionInputs``.
    """
    pack = dataset.pipeline.transforms[-1] if dataset.pipeline.transforms else None
    if not isinstance(pack, PackActionInputs):
        raise DataError('the pipeline does not end in PackActionInputs: it makes no samples')
    pack.meta_keys = (*pack.meta_keys, *(key for key in _KEYS if key not in pack.meta_keys))
    sample = dataset[index]
    inputs, data_sample = sample['inputs'], sample['data_samples']
    if inputs.ndim == 5:  # (N, C, T, H, W), for a 3D network
        inputs = inputs.transpose(1, 2).flatten(0, 1)
    label = int(data_sample.gt_label)
    classes = getattr(dataset, 'classes', None)
    return BrowsedSample(
        frames=inputs.permute(0, 2, 3, 1).numpy(),
        label=label,
        class_name=load_classes(classes)[label] if classes else '',
        path=os.fspath(data_sample.get('filename') or data_sample.get('frame_dir', '')),
        indices=np.ravel(data_sample.get('frame_inds', [])).tolist(),
        flipped=bool(data_sample.get('flip', False)),
    )
