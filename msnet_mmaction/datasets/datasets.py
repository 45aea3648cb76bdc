"""mmaction2's datasets, which say what is wrong with a list or a video, before hours are spent."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mmaction.datasets import BaseActionDataset, RawframeDataset, VideoDataset
from mmaction.registry import DATASETS
from mmaction.structures import ActionDataSample
from mmengine.dist import get_rank, get_world_size
from mmengine.fileio import exists
from mmengine.logging import print_log

from ..utils.video_files import video_path
from .errors import DataError
from .labels.classes import load_classes
from .labels.label_maps import check_class_folders, check_flips, check_label_map_beside
from .sample_states import SampleStates

#: So many different samples in a row that can't be read are no coincidence.
MAX_TRIES = 10


class _Checked(BaseActionDataset):
    """Checks of a list when it is loaded, and of each sample when it is read.

    Args:
        classes: Class list that the labels belong to: see
            :func:`msnet_mmaction.datasets.load_classes`. With it, the list, the label map beside
            it, the folders of the videos and the flips of the pipeline must fit. None checks the
            range of the labels alone, where ``num_classes`` is given.
        max_broken: Share of the list, from 0 to 1, that may turn out to be unreadable in training.
    """

    #: What one line of the list holds, and the keys of the sample's path.
    line_format: str
    path_key: str

    def __init__(
        self, *args: Any, classes: str | None = None, max_broken: float = 0.01, **kwargs: Any
    ) -> None:
        if not 0 <= max_broken <= 1:
            raise ValueError(f'max_broken is a share, from 0 to 1; got {max_broken}')
        self.classes = classes
        self.max_broken = max_broken
        #: Set by ``BrokenFilesHook``: in tests, broken samples are reported when all is done.
        self.report_at_end = False
        self._rank, self._parts = get_rank(), get_world_size()
        if classes is not None:
            names = load_classes(classes)
            count = len(names)
            given = kwargs.get('num_classes')
            if given not in (None, count):
                raise DataError(f"num_classes is {given}, but '{classes}' has {count} classes")
            kwargs['num_classes'] = count
            # MMEngine keeps it in checkpoints, so that they know the names of their classes.
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

    def __getitem__(self, idx: int) -> Any:
        """Read a sample.

        In training, one that can't be read costs a warning and is replaced by another one, until
        more than ``max_broken`` of the list turn out to be so. In a test with
        ``BrokenFilesHook``, another one takes its place as a placeholder: its data sample has the
        label and the path of the one that was asked for, ``is_placeholder`` and ``read_error``.
        Without the hook, it is an error at once.

        Raises:
            DataError: If too many samples can't be read.
        """
        self.full_init()
        wanted, read_error = idx, None
        for _ in range(MAX_TRIES):
            try:
                sample = super().__getitem__(idx)
            except DataError as error:
                if self.test_mode and not self.report_at_end:
                    raise
                read_error = read_error or str(error)
                idx = self._replacement(idx, error)
            else:
                self._states.mark_good(idx)
                if read_error and self.test_mode:
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
        """Run the pipeline on a sample; a failure names the sample."""
        try:
            return super().prepare_data(idx)
        except Exception as error:
            path = self.get_data_info(idx).get(self.path_key)
            raise DataError(
                f'{path} (entry {idx} of {self.ann_file}) could not be read: it is truncated, '
                f'not a video, or not as long as the list says. Replace it or take it off the '
                f'list. The cause: {type(error).__name__}: {error}'
            ) from error

    def _replacement(self, idx: int, error: DataError) -> int:
        """Note that a sample is broken; return the one to take instead."""
        new = self._states.mark_broken(idx)
        broken = sum(1 for _ in self._states.broken())
        if new:
            # mmengine shows nothing below an error of the other processes of a distributed run.
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
        another = self._states.another()
        if another is None:
            raise error
        return another

    def _mark_placeholder(
        self, data_sample: ActionDataSample, wanted: int, read_error: str
    ) -> None:
        """Name the sample that was asked for, not the one that takes its place."""
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
            return  # not on a disk: asking for each would cost a request each
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
    """mmaction2's ``VideoDataset`` with clear errors; it takes two arguments more.

    Args:
        classes: Class list that the labels must fit: see
            :func:`msnet_mmaction.datasets.load_classes`; ``num_classes`` alone checks their range.
        max_broken: Share of the list that may turn out to be unreadable in training.
    """

    line_format = '<video> <label>'
    path_key = 'filename'

    @staticmethod
    def _path_exists(path: str) -> bool:
        return os.path.exists(video_path(path))


@DATASETS.register_module()
class CheckedRawframeDataset(_Checked, RawframeDataset):
    """mmaction2's ``RawframeDataset`` with clear errors; it takes two arguments more.

    Args:
        classes: Class list that the labels must fit: see
            :func:`msnet_mmaction.datasets.load_classes`; ``num_classes`` alone checks their range.
        max_broken: Share of the list that may turn out to be unreadable in training.
    """

    line_format = '<folder> <number of frames> <label>'
    path_key = 'frame_dir'
