"""mmaction2's datasets with checks of lists and videos and clear errors."""

import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from mmaction.datasets import BaseActionDataset, RawframeDataset, VideoDataset
from mmaction.registry import DATASETS
from mmaction.structures import ActionDataSample
from mmengine.dist import get_rank, get_world_size
from mmengine.fileio import exists
from mmengine.logging import print_log

from ..utils.random_states import random_states_of
from ..utils.video_files import video_path
from .errors import DataError
from .labels.classes import load_classes
from .labels.label_maps import check_class_folders, check_flips, check_label_map_beside
from .sample_states import SampleStates

#: After so many different broken samples in a row, reading is given up.
MAX_TRIES = 10


class _Checked(BaseActionDataset):
    """Checks of a list when it is loaded, and of each sample when it is read.

    Args:
        classes: Class list of the labels: see :func:`msnet_mmaction.datasets.load_classes`. The
            list, the label map beside it, the folders of the videos and the flips of the pipeline
            must fit it. None only checks the range of the labels, if ``num_classes`` is given.
        max_broken: Share of the list, from 0 to 1, that may be broken in training.
    """

    #: Format of a line of the list, and key of the path in a sample.
    line_format: str
    path_key: str

    def __init__(
        self, *args: Any, classes: str | None = None, max_broken: float = 0.01, **kwargs: Any
    ) -> None:
        if not 0 <= max_broken <= 1:
            raise ValueError(f'max_broken is a share, from 0 to 1; got {max_broken}')
        self.classes = classes
        self.max_broken = max_broken
        #: Set by ``BrokenFilesHook``: in tests, broken samples are reported at the end.
        self.report_at_end = False
        #: Seed and epoch of the samples' random numbers, in memory that worker processes share.
        self._seeds: torch.Tensor | None = None
        self._rank, self._parts = get_rank(), get_world_size()
        if classes is not None:
            names = load_classes(classes)
            count = len(names)
            given = kwargs.get('num_classes')
            if given not in (None, count):
                raise DataError(f"num_classes is {given}, but '{classes}' has {count} classes")
            kwargs['num_classes'] = count
            # MMEngine writes it to checkpoints, which so have the names of their classes.
            kwargs['metainfo'] = {'classes': names, **(kwargs.get('metainfo') or {})}
        super().__init__(*args, **kwargs)

    def full_init(self) -> None:
        """Load the list, and check that the pipeline's flips fit it."""
        if self._fully_initialized:
            return
        if self.classes is not None:
            check_flips(self.pipeline.transforms, self.classes)
        super().full_init()
        self._states = SampleStates(len(self), self._parts)

    def seed_samples(self, seed: int, epoch: int = 0) -> None:
        """Have what the pipeline draws for a sample follow from seed, epoch and index alone.

        To be called before worker processes start; they know of another epoch, once it is called
        again. Without it, a sample's random numbers depend on what was drawn before.

        Args:
            seed: As for NumPy: not negative.
            epoch: Number of the epoch.
        """
        if self._seeds is None:
            self._seeds = torch.zeros(2, dtype=torch.int64).share_memory_()
        self._seeds[0], self._seeds[1] = seed, epoch

    def __getitem__(self, idx: int) -> Any:
        """Read a sample.

        In training, a broken sample gives a warning and is replaced by another one, until more than
        ``max_broken`` of the list are broken. In a test with ``BrokenFilesHook``, a placeholder
        replaces it: another sample, whose data sample has the label and the path of the broken one,
        ``is_placeholder`` and ``read_error``. Without the hook, it is an error.

        Raises:
            DataError: If too many samples can't be read.
        """
        self.full_init()
        wanted, read_error = idx, None
        key = None if self._seeds is None else (*self._seeds.tolist(), idx % len(self))
        others = self._others(key)
        for _ in range(MAX_TRIES):
            try:
                with random_states_of(*key) if key else nullcontext():
                    sample = super().__getitem__(idx)
            except DataError as error:
                if self.test_mode and not self.report_at_end:
                    raise
                read_error = read_error or str(error)
                idx = self._replacement(idx, error, others)
            else:
                self._states.mark_good(idx)
                if not self.test_mode and 'data_samples' in sample:
                    # So that whoever meets a strange loss can name its files.
                    path = self.get_data_info(idx)[self.path_key]
                    sample['data_samples'].set_metainfo({self.path_key: path})
                elif read_error:
                    self._mark_placeholder(sample['data_samples'], wanted, read_error)
                return sample
        raise DataError(
            f'{MAX_TRIES} samples in a row could not be read: it is rather the pipeline, or the '
            f'place of the data, than the files. The first of them: {read_error}'
        )

    def broken_files(self) -> list[str]:
        """Paths of the samples that could not be read so far, by any worker of this process."""
        return [self.get_data_info(index)[self.path_key] for index in self._states.broken()]

    def load_data_list(self) -> list[dict]:
        """Load the annotation file.

        Raises:
            DataError: If the file is missing or empty, a line is malformed, a label is out of
                range (``num_classes`` given) or a video does not exist.
        """
        if not exists(self.ann_file):
            raise DataError(
                f'the list {self.ann_file} does not exist: prepare the data, or set ann_file'
            )
        try:
            samples = super().load_data_list()
        except (ValueError, IndexError, AssertionError) as error:
            raise DataError(
                f"{self.ann_file}: a line is not '{self.line_format}' ({error})"
            ) from error
        if not samples:
            raise DataError(f'the list {self.ann_file} is empty: there is nothing to read')
        self._check_labels(samples)
        if self.classes is not None:
            check_label_map_beside(self.ann_file, self.classes)
            if not self.multi_class:
                names = ((sample[self.path_key], sample['label']) for sample in samples)
                check_class_folders(names, self.ann_file, self.classes)
        self._check_paths(samples)
        return samples

    def prepare_data(self, idx: int) -> Any:
        """Run the pipeline on a sample; an error names the sample."""
        try:
            return super().prepare_data(idx)
        except Exception as error:
            path = self.get_data_info(idx).get(self.path_key)
            raise DataError(
                f'{path} (entry {idx} of {self.ann_file}) could not be read: it is truncated, '
                f'not a video, or not as long as the list says. Replace it or take it off the '
                f'list. The cause: {type(error).__name__}: {error}'
            ) from error

    def _others(self, key: tuple[int, ...] | None) -> Iterator[int]:
        """Random indices for a sample's place, the same for the same key."""
        size = len(self)
        if key is None:
            while True:
                yield int(torch.randint(size, ()))
        generator = np.random.default_rng(key)
        while True:
            yield int(generator.integers(size))

    def _replacement(self, idx: int, error: DataError, others: Iterator[int]) -> int:
        """Mark a sample as broken; return the index of its replacement."""
        new = self._states.mark_broken(idx)
        broken = sum(1 for _ in self._states.broken())
        if new:
            # In other processes of a distributed run, mmengine shows errors only.
            level = logging.WARNING if self._rank == 0 else logging.ERROR
            print_log(
                f'{error}. Another sample takes its place ({broken} so far)', 'current', level
            )
        if not self.test_mode and broken > self._states.allowed(self.max_broken):
            raise DataError(
                f'{broken} of {len(self)} samples of {self.ann_file} could not be read, more than '
                f'max_broken={self.max_broken:g} of the list. Replace these files, take them off '
                f'the list, or allow more: {", ".join(self.broken_files()[:20])}. The last one: '
                f'{error}'
            )
        if broken == len(self):
            raise error
        return next(index for index in others if not self._states.is_broken(index))

    def _mark_placeholder(
        self, data_sample: ActionDataSample, wanted: int, read_error: str
    ) -> None:
        """Give a replacement the path and the label of the broken sample."""
        info = self.get_data_info(wanted)
        named = {key: info[key] for key in data_sample.metainfo_keys() if key in info}
        data_sample.set_metainfo({**named, 'is_placeholder': True, 'read_error': read_error})
        data_sample.set_gt_label(info['label'])

    def _check_labels(self, samples: list[dict]) -> None:
        if self.num_classes is None or self.multi_class:
            return
        for sample in samples:
            if not 0 <= sample['label'] < self.num_classes:
                of = f" of '{self.classes}'" if self.classes else ''
                raise DataError(
                    f'{self.ann_file}: {sample[self.path_key]} has label {sample["label"]}, but '
                    f'there are {self.num_classes} classes{of}, 0 to {self.num_classes - 1}. '
                    'Either the list belongs to other classes or num_classes is wrong'
                )

    def _check_paths(self, samples: list[dict]) -> None:
        paths = sorted({sample[self.path_key] for sample in samples})
        if '://' in paths[0]:
            return  # in another storage, where each check would be a request
        if len(paths) > 50_000:
            print_log(f'Checking that {len(paths)} files of {self.ann_file} exist', 'current')
        with ThreadPoolExecutor(16) as pool:
            found = pool.map(self._path_exists, paths, chunksize=256)
        missing = [path for path, there in zip(paths, found, strict=True) if not there]
        if missing:
            raise DataError(
                f'{len(missing)} of {len(paths)} files of {self.ann_file} do not exist, the '
                f'first is {missing[0]}. Check data_prefix, or take them off the list'
            )

    @staticmethod
    def _path_exists(path: str) -> bool:
        return os.path.exists(path)


@DATASETS.register_module()
class CheckedVideoDataset(_Checked, VideoDataset):
    """mmaction2's ``VideoDataset`` with checks and clear errors.

    Args:
        *args: Arguments of ``VideoDataset``.
        classes: Class list of the labels: see :func:`msnet_mmaction.datasets.load_classes`. With
            ``num_classes`` only, the range of the labels is checked.
        max_broken: Share of the list, from 0 to 1, that may be broken in training.
        **kwargs: Arguments of ``VideoDataset``.
    """

    line_format = '<video> <label>'
    path_key = 'filename'

    @staticmethod
    def _path_exists(path: str) -> bool:
        return os.path.exists(video_path(path))


@DATASETS.register_module()
class CheckedRawframeDataset(_Checked, RawframeDataset):
    """mmaction2's ``RawframeDataset`` with checks and clear errors.

    Args:
        *args: Arguments of ``RawframeDataset``.
        classes: Class list of the labels: see :func:`msnet_mmaction.datasets.load_classes`. With
            ``num_classes`` only, the range of the labels is checked.
        max_broken: Share of the list, from 0 to 1, that may be broken in training.
        **kwargs: Arguments of ``RawframeDataset``.
    """

    line_format = '<folder> <number of frames> <label>'
    path_key = 'frame_dir'
